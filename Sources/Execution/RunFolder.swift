internal import Checkpoints
internal import Documents
internal import Foundation
internal import Planning

/// What a run of one recipe leaves: an artifact for each stage, `run.json`, and the final network.
///
/// Every file is replaced in one step, so the folder is valid whenever the run is stopped.
struct RunFolder {
    /// The folder.
    let path: String
    private let recipe: RecipeStages
    private let nodes: [StageGraph.Node]
    /// The index in the plan's graph of the recipe's first stage.
    private let first: Int
    private let artifactNames: [String]
    private let decisions: [RunPlan.Decision]
    private let context: ExecutionContext
    private let files: any FileSystem
    private let started: Date
    private let startedUptime: Double
    private var reports: [StageReport?]
    private var running: Set<Int> = []
    private var isDirty = true
    private var hasNetwork = false

    /// The folder for one recipe of a plan.
    init(path: String, plan: RunPlan, recipe: Int, context: ExecutionContext, fileSystem: any FileSystem) {
        let indices = plan.graph.indices[recipe]
        self.path = path
        self.recipe = plan.graph.recipes[recipe]
        nodes = Array(plan.graph.nodes[indices])
        first = indices.lowerBound
        artifactNames = Self.artifactNames(nodes)
        decisions = Array(plan.decisions[indices])
        self.context = context
        files = fileSystem
        started = context.date()
        startedUptime = context.uptime()
        reports = Array(repeating: nil, count: indices.count)
    }

    /// Makes the folder, without what an earlier run left in it.
    mutating func prepare() throws(ExecutionError) {
        try checked { () throws(FileError) in
            try files.createFolder(path)
            if let data = try files.read(path + "/run.json"), let run = try? JSONValue(parsing: data) {
                let artifacts = (run["stages"]?.elements ?? []).compactMap { $0["artifact"]?.text }
                for name in artifacts + [Self.network, "run.json"] where !name.contains("/") {
                    try files.remove(path + "/" + name)
                }
            }
        }
        try flush()
    }
}

// MARK: - While the run goes on

extension RunFolder {
    /// Notes that a stage began, given its place in the recipe.
    mutating func begin(_ position: Int) {
        running.insert(position)
        isDirty = true
    }

    /// Notes how a stage ended, given its place in the recipe, and writes its artifact.
    mutating func end(_ position: Int, _ report: StageReport) throws(ExecutionError) {
        running.remove(position)
        reports[position] = report
        isDirty = true
        guard let record = report.record else { return }
        let artifact = artifact(of: nodes[position], report, record)
        try write(Data(artifact.prettyText.utf8), to: artifactNames[position])
    }

    /// Writes `run.json` if something happened since it was written.
    mutating func flush() throws(ExecutionError) {
        guard isDirty else { return }
        try write(Data(run(exitStatus: nil).prettyText.utf8), to: "run.json")
        isDirty = false
    }
}

// MARK: - At the end

extension RunFolder {
    private static let network = "network.safetensors"

    /// The reports of the stages that the plan asked for.
    private var wanted: [StageReport] {
        zip(reports, decisions).compactMap { $1.isSkipped ? nil : $0 }
    }

    /// Copies the network of the last stage that was asked for and writes `run.json` for the last time.
    mutating func finish(store: Store, cancelled reason: CancellationToken.Reason?) throws {
        let last = nodes.indices.last { !nodes[$0].specification.isTransparent && !decisions[$0].isSkipped }
        if let last, let record = reports[last]?.record, record.outputs.contains(where: { $0.name == Self.network }) {
            try write(try store.output(Self.network, of: record), to: Self.network)
            hasNetwork = true
        }
        let status = ExitStatus(of: wanted, cancelled: reason)
        try write(Data(run(exitStatus: status).prettyText.utf8), to: "run.json")
        isDirty = false
    }
}

// MARK: - Documents

extension RunFolder {
    /// The name of each stage's artifact.
    private static func artifactNames(_ nodes: [StageGraph.Node]) -> [String] {
        let width = max(2, String(nodes.count).count)
        var number = 1
        return nodes.map { node in
            let digits = String(number)
            // A stage that another implies has the number of that one, which follows it.
            if !node.specification.isImplied { number += 1 }
            return String(repeating: "0", count: width - digits.count) + digits + "-\(node.specification.id).json"
        }
    }

    private func artifact(of node: StageGraph.Node, _ report: StageReport, _ record: Record) -> JSONValue {
        let needs = zip(node.specification.needs, node.needs).map { id, index in
            (id, JSONValue.string(nodes[index - first].key.description))
        }
        var own: [String: JSONValue] = ["reused": .boolean(report.status == .reused)]
        own["checkpointSeconds"] = report.checkpointSeconds.map { .seconds($0) }
        return [
            "schema": "pare.artifact/1",
            "id": .string(node.specification.id),
            "kind": .string(node.specification.kind),
            "key": .string(node.key.description),
            "needs": .object(Dictionary(needs, uniquingKeysWith: { $1 })),
            "options": node.specification.options,
            "result": record.result,
            "execution": execution(started: report.started, seconds: report.seconds, own),
        ]
    }

    private func run(exitStatus: ExitStatus?) -> JSONValue {
        var run: JSONValue = [
            "schema": "pare.run/1",
            "recipe": .string(recipe.name),
            "seed": .integer(recipe.seed),
            "exitStatus": exitStatus.map { .integer(Int($0.rawValue)) } ?? .null,
            "stages": .array(nodes.indices.map(entry)),
            "execution": execution(started: started, seconds: context.uptime() - startedUptime, [:]),
        ]
        if hasNetwork { run["network"] = .string(Self.network) }
        run["search"] = recipe.search
        return run
    }

    /// A stage in `run.json`; before its end it stands there as it would if the run were killed now.
    private func entry(_ position: Int) -> JSONValue {
        let node = nodes[position]
        let report = reports[position]
        let status = report?.status ?? (running.contains(position) ? .interrupted : .skipped)
        var entry: JSONValue = [
            "id": .string(node.specification.id),
            "kind": .string(node.specification.kind),
            "key": .string(node.key.description),
            "status": .string(status.rawValue),
            "seconds": .seconds(report?.seconds ?? 0),
        ]
        if case .run(let reason) = decisions[position] { entry["reason"] = .string(reason.description) }
        if let record = report?.record {
            entry["artifact"] = .string(artifactNames[position])
            entry["requirementsMet"] = .boolean(record.requirementsMet)
        }
        entry["message"] = report?.message.map { .string($0) }
        return entry
    }

    private func execution(started: Date, seconds: Double, _ more: [String: JSONValue]) -> JSONValue {
        let common: [String: JSONValue] = [
            "started": .string(started.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
            "seconds": .seconds(seconds),
            "threads": .integer(context.threads),
            "host": context.host,
            "instructionSet": .string(context.instructionSet),
            "versions": context.versions,
        ]
        return .object(common.merging(more) { $1 })
    }
}

// MARK: - Files

extension RunFolder {
    private func write(_ data: Data, to name: String) throws(ExecutionError) {
        try checked { () throws(FileError) in
            // Another process may be writing the same folder.
            let partial = "\(path)/\(name).\(ProcessInfo.processInfo.processIdentifier).partial"
            try files.write(data, to: partial, durably: false)
            try files.rename(partial, to: path + "/" + name)
        }
    }

    private func checked<Value>(_ body: () throws(FileError) -> Value) throws(ExecutionError) -> Value {
        do { return try body() } catch { throw ExecutionError(output: error) }
    }
}
