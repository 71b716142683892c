internal import ArgumentParser
internal import Checkpoints
internal import Dispatch
internal import Documents
internal import Execution
internal import Foundation
internal import Kernels
internal import Planning
internal import Reports
internal import Stages

internal import struct Recipes.Quantity

/// `pare run`: runs one or many recipes as one graph.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run recipes; what is in the store already is reused.",
        discussion: """
            Exit status: 0 done, 1 a stage failed, 2 a recipe is invalid, 3 done but a requirement or a goal was not \
            met, 64 usage, 130 interrupted, 143 terminated. Whatever stops a run, the same command goes on from there.
            """)

    @OptionGroup var arguments: RecipeArguments
    @OptionGroup var planning: PlanningArguments

    @Option(
        help: ArgumentHelp(
            "The folder for the run, or for a folder for each of several recipes. (default: .pare/runs/NAME-TIME)",
            valueName: "dir"))
    var output: String?

    @Option(help: ArgumentHelp("How many stages run at the same time.", valueName: "n"))
    var jobs = 1

    @Option(help: ArgumentHelp("How many threads compute. (default: one for each core)", valueName: "n"))
    var threads: Int?

    @Option(help: ArgumentHelp("The time between two checkpoints within a stage.", valueName: "seconds"))
    var checkpointInterval = 5.0

    @Option(
        help: ArgumentHelp(
            "The most memory for the examples of a data set; larger ones are read from disk batch by batch.",
            valueName: "size"))
    var dataMemory = "1024 MiB"

    func validate() throws {
        if memoryLimit == nil {
            throw ValidationError("--data-memory is '\(dataMemory)', expected a size with a unit, such as 256 MiB")
        }
        if output?.isEmpty == true { throw ValidationError("--output is empty, expected a folder") }
        if jobs < 1 { throw ValidationError("--jobs is \(jobs), expected 1 or more") }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads is \(threads), expected 1 to 1024")
        }
        guard checkpointInterval >= 0, checkpointInterval.isFinite else {
            throw ValidationError("--checkpoint-interval is \(checkpointInterval), expected 0 or more seconds")
        }
    }

    func run() throws {
        let recipes = try arguments.load(dataMemory: memoryLimit ?? 0)
        let (plan, store) = try planning.plan(recipes)
        let summary: RunSummary
        do {
            summary = try execute(plan, recipes, store)
        } catch {
            Output.fail(error)
            throw ExitCode(ExitStatus.failed.rawValue)
        }
        if !arguments.json { Output.write(ClosingReport(summary, style: Output.results.style).text) }
        let command = ShellCommand(arguments: CommandLine.arguments).goingOn
        Output.complain(ClosingReport(summary, style: Output.errors.style).failure(goOnWith: command.description))
        if summary.exitStatus != .done { throw ExitCode(summary.exitStatus.rawValue) }
    }
}

// MARK: - Executing

extension RunCommand {
    private var memoryLimit: Int? {
        Quantity(dataMemory).flatMap { $0.unit?.bytes == nil ? nil : $0.memory }
    }

    private func execute(_ plan: RunPlan, _ recipes: [ResolvedRecipe], _ store: Store) throws -> RunSummary {
        let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        let context = ExecutionContext.machine(threads: threads)
        let cancellation = CancellationToken()
        let executor = Executor(
            store: store, runner: ModelStageRunner(recipes: recipes, pool: WorkerPool(threads: threads)),
            context: context, settings: Executor.Settings(jobs: jobs, checkpointInterval: checkpointInterval),
            cancellation: cancellation)

        let display = display(of: plan, uptime: context.uptime)
        let isTerminal = display is TerminalDisplay
        let watch = SignalWatch(cancellation) { line in
            if isTerminal { display.note(line) } else { Output.complain(line + "\n") }
        }
        let clock = DispatchSource.makeTimerSource()
        clock.setEventHandler { display.tick() }
        clock.schedule(deadline: .now() + 0.5, repeating: 0.5)
        clock.resume()
        defer {
            clock.cancel()
            withExtendedLifetime(watch) {}
        }
        // Without a store there is no run, and no folder for one.
        try store.prepare()
        let folders = Executor.folders(forRecipes: recipes.map(\.stages.name), output: output, date: context.date())
        return try executor.run(plan, folders: folders, listeners: [display.show])
    }

    private func display(of plan: RunPlan, uptime: @escaping @Sendable () -> Double) -> any RunDisplay {
        if arguments.json { return JSONLinesDisplay(write: Output.write) }
        let results = Output.results
        let lines = StageLines(plan.graph, style: results.style)
        guard results.canRedraw else { return PlainDisplay(lines, uptime: uptime, write: Output.write) }
        return TerminalDisplay(lines, width: { results.width }, uptime: uptime, write: Output.write)
    }
}
