internal import ArgumentParser
internal import Checkpoints
internal import Dispatch
internal import Execution
internal import Foundation
internal import Kernels
internal import Planning
internal import Reports
internal import Stages

internal import struct Recipes.Quantity

/// How the stages of a plan are run on this machine.
struct ExecutionArguments: ParsableArguments {
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
        if writtenDataMemory == nil {
            throw ValidationError("--data-memory is '\(dataMemory)', expected a size with a unit, such as 256 MiB")
        }
        guard (1...1024).contains(jobs) else { throw ValidationError("--jobs is \(jobs), expected 1 to 1024") }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads is \(threads), expected 1 to 1024")
        }
        guard checkpointInterval >= 0, checkpointInterval.isFinite else {
            throw ValidationError("--checkpoint-interval is \(checkpointInterval), expected 0 or more seconds")
        }
    }

    private var writtenDataMemory: Int? {
        Quantity(dataMemory).flatMap { $0.unit?.bytes == nil ? nil : $0.memory }
    }

    /// The most bytes of a data set's examples that are held in memory.
    var dataMemoryLimit: Int { writtenDataMemory ?? 0 }

    /// What a job of a cluster is to be told of them; how many stages and threads there are is the cluster's to say.
    var jobOptions: [String] {
        ["--checkpoint-interval", "\(checkpointInterval)", "--data-memory", dataMemory]
    }
}

// MARK: - Executing

extension ExecutionArguments {
    /// Runs a plan to its end: shows it, and stops it with a checkpoint when a signal asks for that.
    ///
    /// - Parameters:
    ///   - plan: What to do.
    ///   - recipes: The recipes of the plan.
    ///   - store: Where records are kept.
    ///   - folders: Gives the folder of each recipe's run, at the time when the run begins.
    ///   - json: Whether the events are printed as JSON lines.
    ///   - keepsGoing: Whether stages that do not depend on a failed one go on.
    ///   - isFrozen: Whether nothing is made, and a stage that would have to run fails.
    ///   - showing: Puts a display of its own around that of the stages, which is brief then.
    /// - Throws: The exit status 1 if nothing could be started, after saying why.
    func execute(
        _ plan: RunPlan, of recipes: [ResolvedRecipe], in store: Store, json: Bool, keepsGoing: Bool = false,
        isFrozen: Bool = false, showing: ((any RunDisplay) -> any RunDisplay)? = nil, folders: (Date) -> [String]
    ) throws -> RunSummary {
        let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        let context = ExecutionContext.machine(threads: threads)
        let cancellation = CancellationToken()
        let executor = Executor(
            store: store, runner: ModelStageRunner(recipes: recipes, pool: WorkerPool(threads: threads)),
            context: context,
            settings: Executor.Settings(
                jobs: jobs, keepsGoing: keepsGoing, checkpointInterval: checkpointInterval, isFrozen: isFrozen),
            cancellation: cancellation)

        let stages = Self.display(of: plan, json: json, isBrief: showing != nil, uptime: context.uptime)
        let display = showing?(stages) ?? stages
        let isTerminal = stages is TerminalDisplay
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
        do {
            // Without a store there is no run, and no folder for one.
            if !isFrozen { try store.prepare() }
            return try executor.run(plan, folders: folders(context.date()), listeners: [display.show])
        } catch {
            Output.fail(error)
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }

    private static func display(
        of plan: RunPlan, json: Bool, isBrief: Bool, uptime: @escaping @Sendable () -> Double
    ) -> any RunDisplay {
        if json { return JSONLinesDisplay(write: Output.write) }
        let results = Output.results
        let lines = StageLines(plan.graph, style: results.style)
        guard results.canRedraw else {
            return PlainDisplay(lines, isBrief: isBrief, uptime: uptime, write: Output.write)
        }
        return TerminalDisplay(lines, width: { results.width }, uptime: uptime, write: Output.write)
    }
}
