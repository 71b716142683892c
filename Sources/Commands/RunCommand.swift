internal import ArgumentParser
internal import Clusters
internal import Execution
internal import Foundation
internal import Planning
internal import Reports
internal import Stages

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

    @OptionGroup var execution: ExecutionArguments
    @OptionGroup var cluster: ClusterArguments

    @Flag(help: "After a stage has failed, run what does not depend on it.")
    var keepGoing = false

    @Flag(help: "Make nothing: a stage that would have to run fails. What is there is reused, and the store only read.")
    var frozen = false

    @Flag(help: "Fail if a recipe, its inputs or its results differ from its lock file, which 'pare lock' writes.")
    var locked = false

    @OptionGroup var reports: BatchArguments

    func validate() throws {
        if frozen, let option = planning.forcingOption {
            throw ValidationError("--frozen makes nothing and \(option) makes stages again: leave out one of them")
        }
        if locked, arguments.arePoints { throw ValidationError("frozen work has no lock file: leave out --locked") }
        if output?.isEmpty == true { throw ValidationError("--output is empty, expected a folder") }
        try cluster.validate(beside: frozen ? "--frozen" : planning.forcingOption)
    }

    func run() throws {
        try reports.prepare()
        let loaded = try arguments.load(dataMemory: execution.dataMemoryLimit) { reports.write(BatchOutcome($0)) }
        try refuseSearch(of: loaded)
        var known: [String]?
        func folders(_ date: Date) -> [String] {
            let names = loaded.map(\.stages.name)
            known = known ?? Executor.folders(forRecipes: names, output: output, date: date)
            return known ?? []
        }
        var locks: LockedRecipes?
        let executed: Execution
        switch try starting(loaded, { try search(loaded, folders: folders) }) {
        case .ended(let execution): executed = execution
        case .settled(let recipes):
            locks = locked ? try LockedRecipes(recipes, arguments, store: planning.store) { reports.write($0) } : nil
            executed = try starting(loaded) { try execute(recipes, folders) }
        }
        let summary = executed.summary
        if !arguments.json { Output.write(ClosingReport(summary, executed.plan, style: Output.results.style).text) }
        let closing = ClosingReport(summary, style: Output.errors.style)
        let command = ShellCommand(arguments: CommandLine.arguments).goingOn(setting: closing.settings)
        Output.complain(closing.failure(goOnWith: command.description))
        var outcome = BatchOutcome(summary, executed.plan, command: command.description)
        let differences = locks?.differences(of: outcome.entries.compactMap(\.run)) ?? [:]
        for index in outcome.entries.indices {
            outcome.entries[index].differences = differences[outcome.entries[index].name]
        }
        let isDrifted = differences.values.contains { !$0.isEmpty }
        outcome.exitStatus = (isDrifted ? summary.exitStatus.orFailed : summary.exitStatus).rawValue
        if !reports.write(outcome), outcome.exitStatus == 0 || outcome.exitStatus == 3 { outcome.exitStatus = 1 }
        let code = executed.ending?.exitCode(outcome.exitStatus) ?? ExitCode(outcome.exitStatus)
        if code != .success { throw code }
    }

    /// What was run, and what came of it.
    struct Execution {
        let plan: RunPlan
        let summary: RunSummary
        /// How the run ends if it is a job of a cluster.
        var ending: JobEnding?
    }

    private func execute(_ recipes: [ResolvedRecipe], _ folders: (Date) -> [String]) throws -> Execution {
        var planning = planning
        // What a search has just made is not to be made again.
        if recipes.allSatisfy({ $0.stages.search != nil }) { (planning.fresh, planning.from) = (false, nil) }
        let (plan, store) = try planning.plan(recipes, claiming: !frozen)
        if cluster.executor == .slurm { return try runOnSlurm(plan, of: recipes, in: store) }
        let ending = cluster.asJob ? JobEnding(plan, in: store) : nil
        let summary = try execution.execute(
            plan, of: recipes, in: store, json: arguments.json, keepsGoing: keepGoing, isFrozen: frozen,
            folders: folders)
        return Execution(plan: plan, summary: summary, ending: ending)
    }

    /// What a body gives; if nothing could be started, the reports say so.
    private func starting<Value>(_ recipes: [ResolvedRecipe], _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let status as ExitCode {
            // Jobs that were submitted and not waited for have nothing to report yet.
            if status != .success { reports.write(BatchOutcome(notStarted: recipes, exitStatus: status.rawValue)) }
            throw status
        }
    }
}
