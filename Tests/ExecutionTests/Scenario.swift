import Checkpoints
import Documents
import Execution
import Foundation
import Planning
import Synchronization
import TestSupport

/// A store, some recipes, and what runs of them do: edit, run, expect exactly these stages for these reasons.
struct Scenario {
    let folder: TemporaryFolder
    var recipes = [RecipeStages(name: "road", seed: 7, stages: Scenario.chain)]
    var settings = Executor.Settings(checkpointInterval: 0)
    var instructionSet = "avx2"
    var isFresh = false
    var from: String?
    var until: String?
    var uptime: @Sendable () -> Double = { 100 }

    /// load, prune (4 steps), evaluate (transparent), quantize (2 steps).
    static let chain = [
        stage("load", value: 1),
        stage("prune", value: 2, steps: 4, after: "load"),
        stage("evaluate", value: 3, after: "prune", isTransparent: true),
        stage("quantize", value: 4, steps: 2, after: "evaluate", reads: "prune"),
    ]

    init() throws { folder = try TemporaryFolder() }

    static func stage(
        _ id: String, value: Int, steps: Int = 1, after need: String? = nil, reads producer: String? = nil,
        isTransparent: Bool = false
    ) -> StageSpecification {
        StageSpecification(
            id: id, kind: id, options: ["value": .integer(value), "steps": .integer(steps)],
            needs: need.map { [$0] } ?? [],
            reads: (producer ?? need).map { [StageRead(role: "network", id: $0)] } ?? [],
            isTransparent: isTransparent)
    }

    /// Changes an option of a stage of the first recipe, or removes it.
    mutating func set(_ stage: String, _ option: String, _ value: JSONValue?) {
        for index in recipes[0].stages.indices where recipes[0].stages[index].id == stage {
            recipes[0].stages[index].options[option] = value
            recipes[0].stages[index].keyOptions[option] = value
        }
    }

    /// What a run came to.
    struct Outcome {
        let plan: RunPlan
        let summary: RunSummary
        let events: [JSONValue]
        let begun: [String]

        /// What was planned for each stage.
        var planned: [String] { plan.decisions.map(\.description) }
        /// How each stage ended.
        var statuses: [StageStatus] { summary.stages.map(\.status) }
        /// The names of the events with the id of the stage.
        var eventNames: [String] {
            events.map { event in
                [event["event"]?.text, event["id"]?.text].compactMap { $0 }.joined(separator: " ")
            }
        }
        /// The texts of the warnings.
        var warnings: [String] { events.filter { $0["event"] == "warning" }.compactMap { $0["message"]?.text } }
    }

    func store(_ files: any FileSystem = FaultyFileSystem()) throws -> Store {
        try Store(at: folder.path + "/store", fileSystem: files)
    }

    func plan(_ files: any FileSystem = FaultyFileSystem()) throws -> RunPlan {
        try RunPlan(StageGraph(recipes), holdings: store(files), fresh: isFresh, from: from, until: until)
    }

    func run(
        files: any FileSystem = FaultyFileSystem(), cancellation: CancellationToken = CancellationToken(),
        atStep: @escaping @Sendable (_ id: String, _ step: Int) -> Void = { _, _ in },
        onEvent: (RunEvent) -> Void = { _ in }
    ) throws -> Outcome {
        let context = ExecutionContext(
            threads: 2, host: ["name": "box"], instructionSet: instructionSet, versions: ["pare": "1.0"],
            date: { Date(timeIntervalSince1970: 1_700_000_000) }, uptime: uptime)
        let runner = SumRunner(atStep: atStep)
        let executor = Executor(
            store: try store(files), runner: runner, context: context, settings: settings, cancellation: cancellation,
            fileSystem: files)
        let plan = try plan(files)
        var events: [JSONValue] = []
        let summary = try withoutActuallyEscaping(onEvent) { onEvent in
            try executor.run(plan, folders: folders, listeners: [{ events.append($0.json) }, onEvent])
        }
        return Outcome(plan: plan, summary: summary, events: events, begun: runner.begun)
    }

    var folders: [String] {
        recipes.count == 1 ? [folder.path + "/run"] : recipes.map { "\(folder.path)/run/\($0.name)" }
    }

    /// Every stored file but locks and notes for plans.
    func records() throws -> [String: Data] {
        try folder.files(below: "store/records").filter { !$0.key.hasSuffix("/lock") }
    }

    /// A JSON document of a run's folder.
    func document(_ name: String, of recipe: Int = 0) throws -> JSONValue {
        try JSONValue(parsing: Data(contentsOf: URL(filePath: folders[recipe] + "/" + name)))
    }

    /// Changes a byte of a stored file of a stage.
    func flip(_ name: String, of stage: String) throws {
        let node = try plan().graph.nodes.first { $0.specification.id == stage }
        guard let node else { return }
        let url = URL(filePath: try store().folder(of: node.key) + "/" + name)
        var data = try Data(contentsOf: url)
        data[data.count - 1] ^= 1
        try data.write(to: url)
    }
}
