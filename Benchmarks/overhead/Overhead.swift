internal import ArgumentParser
internal import Checkpoints
internal import Documents
internal import Execution
internal import Foundation
internal import Planning

/// Times what a run costs beside its stages: planning, and running stages that do nothing.
@main struct Overhead: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Times planning and running of stages that do nothing.",
        discussion: """
            Prints a line for each number of stages: seconds of planning with an empty store, of running all, of planning \
            with all in the store, and of running again, when all are reused.
            """)

    @Argument(help: "One of \(Shape.allCases.map(\.rawValue).joined(separator: ", ")).")
    var shape: Shape

    @Argument(help: "How many stages, one number for each line.")
    var counts: [Int]

    @Option(help: "How many stages run at the same time.")
    var jobs = 1

    @Option(help: "The folder in which a folder for each line is made, and removed at the end.")
    var folder = FileManager.default.temporaryDirectory.path

    @Flag(help: "Plan only, with an empty store.")
    var planOnly = false

    func validate() throws {
        for count in counts where count < 4 { throw ValidationError("\(count) stages, expected 4 or more") }
        if jobs < 1 { throw ValidationError("--jobs is \(jobs), expected 1 or more") }
    }

    func run() throws {
        print("shape    stages   plan s    run s  stages/s  plan again s  run again s  stages/s")
        for count in counts {
            let place = folder + "/pare-overhead-\(ProcessInfo.processInfo.processIdentifier)-\(count)"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: place) }
            try time(shape.recipes(stages: count), in: place)
        }
    }
}

extension Overhead {
    private func time(_ recipes: [RecipeStages], in place: String) throws {
        let (first, plan) = try measured { try planned(recipes, place) }
        let count = plan.graph.nodes.count
        var line = Self.padded(shape.rawValue, 5, atEnd: true) + Self.padded("\(count)", 10) + Self.seconds(first, 9)
        if !planOnly {
            let run = try measured { try execute(plan, place + "/first", .ran) }.seconds
            let (second, again) = try measured { try planned(recipes, place) }
            let reuse = try measured { try execute(again, place + "/second", .reused) }.seconds
            line += Self.seconds(run, 9) + Self.padded("\(Int(Double(count) / run))", 10)
            line += Self.seconds(second, 14) + Self.seconds(reuse, 13)
            line += Self.padded("\(Int(Double(count) / reuse))", 10)
        }
        print(line)
    }

    private func planned(_ recipes: [RecipeStages], _ place: String) throws -> RunPlan {
        try RunPlan(StageGraph(recipes), holdings: Store(at: place + "/store"))
    }

    private func execute(_ plan: RunPlan, _ output: String, _ status: StageStatus) throws {
        let executor = Executor(
            store: try Store(at: output + "/../store"), runner: TrivialRunner(),
            context: ExecutionContext(host: ["cpu": "some"], instructionSet: "none", versions: ["pare": "0"]),
            settings: Executor.Settings(jobs: jobs))
        let names = plan.graph.recipes.map(\.name)
        let folders = names.count == 1 ? [output] : names.map { "\(output)/\($0)" }
        let summary = try executor.run(plan, folders: folders, listeners: [{ _ = $0.json.canonicalText }])
        guard summary.count(of: status) == plan.graph.nodes.count else {
            throw ValidationError("not all stages \(status.rawValue)")
        }
    }

    private func measured<Value>(_ body: () throws -> Value) rethrows -> (seconds: Double, value: Value) {
        let start = ContinuousClock.now
        let value = try body()
        return ((ContinuousClock.now - start) / .seconds(1), value)
    }

    private static func seconds(_ value: Double, _ width: Int) -> String {
        padded(value.formatted(.number.precision(.fractionLength(2)).grouping(.never)), width)
    }

    private static func padded(_ text: String, _ width: Int, atEnd: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - text.count))
        return atEnd ? text + blanks : blanks + text
    }
}

/// A runner whose stages do nothing and leave a small network.
private struct TrivialRunner: StageRunner {
    func run(_ work: StageWork) throws -> StageOutcome {
        let number = work.specification.options["number"] ?? .null
        return StageOutcome(
            result: ["number": number, "network": ["learnables": 297, "memoryBytes": 474], "history": [1, 2, 3]],
            outputs: ["network.safetensors": Data(number.canonicalText.utf8)])
    }
}
