internal import ArgumentParser
internal import Checkpoints
internal import Clusters
internal import Documents
internal import Execution
internal import Planning
internal import Reports
internal import Stages
internal import Sweeps

internal import struct Recipes.Recipe
internal import struct Recipes.Sweep
internal import struct Recipes.SweepPoint

/// `pare sweep run`: every point of a sweep as one graph, or one that was frozen.
struct SweepRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the points of a sweep; stages that points share are made once.",
        discussion: """
            Exit status: 0 done, 1 a point failed, 2 the recipe or a point is invalid, 3 no point meets the requirements, \
            64 usage, 130 interrupted, 143 terminated. Whatever stops a sweep, the same command goes on from there.
            """)

    @OptionGroup var arguments: SweepArguments

    @Option(
        help: ArgumentHelp(
            "Run one point, counted from 0, as 'pare sweep expand' wrote it.", valueName: "n"))
    var point: Int?

    @OptionGroup var planning: PlanningArguments
    @OptionGroup var execution: ExecutionArguments
    @OptionGroup var cluster: ClusterArguments

    @OptionGroup var collecting: CollectingArguments

    @Flag(help: "Start no stage any more after one has failed.")
    var failFast = false

    func validate() throws {
        try cluster.validate(
            beside: planning.forcingOption ?? planning.until.map { _ in "--until" } ?? (failFast ? "--fail-fast" : nil))
        guard let point else { return }
        if cluster.executor == .slurm {
            throw ValidationError("--point runs one point on this machine: leave out --executor slurm")
        }
        if point < 0 { throw ValidationError("--point is \(point), expected 0 or more") }
        if collecting.best != nil {
            throw ValidationError(
                "--best has no place beside --point: give it to 'sweep collect', which compares points")
        }
        if !arguments.overrides.isEmpty {
            throw ValidationError(
                "--set has no place beside --point, whose options are frozen: give it to 'sweep expand'")
        }
    }

    func run() throws {
        if let point { try run(point: point) } else { try runAll() }
    }

    private func run(point number: Int) throws {
        let folder = arguments.folder(of: try arguments.read())
        let recipe = try RecipeLoader.load(
            point: folder.pointPath(number), dataMemory: execution.dataMemoryLimit, json: arguments.json)
        let (plan, store) = try planning.plan([recipe])
        let ending = cluster.asJob ? JobEnding(plan, in: store) : nil
        let summary = try execution.execute(
            plan, of: [recipe], in: store, json: arguments.json, keepsGoing: !failFast,
            folders: { _ in [folder.runPath(number)] })
        if !arguments.json { Output.write(ClosingReport(summary, style: Output.results.style).text) }
        try end(summary, ending)
    }

    private func runAll() throws {
        let sweep = try arguments.load(dataMemory: execution.dataMemoryLimit)
        let folder = arguments.folder(of: sweep.recipe)
        try collecting.check(folder, of: arguments.recipe)
        if cluster.executor == .slurm, try runOnSlurm(sweep, in: folder) { return }
        try Output.attempt { try arguments.write(sweep, to: folder) }
        let (objective, json) = (sweep.sweep.objective, arguments.json)
        let settings = sweep.points.map { $0.settings.map(\.description) }
        let summary = try execute(
            sweep.recipes, folders: sweep.points.map { folder.runPath($0.number) },
            showing: { display, plan in
                PointsDisplay(display, showsReused: json, of: plan.graph) { summary, index in
                    guard let run = RunRecord.all(of: summary, plan: plan).first, run.isFinished else { return }
                    let point = SweepOutcome(index, settings: settings[index], run: run, objective: objective)
                    if json {
                        var event = point.json
                        event["event"] = "point.finished"
                        Output.write(event.canonicalText + "\n")
                    } else {
                        display.note(
                            SweepReport.line(of: point, count: settings.count, style: Output.results.style))
                    }
                }
            })
        switch summary.exitStatus {
        case .interrupted, .terminated: try end(summary)
        case _ where planning.until != nil: try end(summary)
        case .done, .failed, .requirementNotMet:
            let failure = failure(of: summary)
            try Output.attempt {
                defer { Output.complain(failure) }
                try arguments.collect(sweep.recipe, in: folder, best: collecting.best)
            }
        }
    }

    private func execute(
        _ recipes: [ResolvedRecipe], folders: [String],
        showing: ((any RunDisplay, RunPlan) -> any RunDisplay)? = nil
    ) throws -> RunSummary {
        let (plan, store) = try planning.plan(recipes)
        return try execution.execute(
            plan, of: recipes, in: store, json: arguments.json, keepsGoing: !failFast,
            showing: showing.map { showing in { showing($0, plan) } },
            folders: { _ in folders })
    }

    private func failure(of summary: RunSummary) -> String {
        let command = ShellCommand(arguments: CommandLine.arguments).goingOn()
        return ClosingReport(summary, style: Output.errors.style).failure(goOnWith: command.description)
    }

    private func end(_ summary: RunSummary, _ ending: JobEnding? = nil) throws {
        Output.complain(failure(of: summary))
        let status = summary.exitStatus.rawValue
        let code = ending?.exitCode(status) ?? ExitCode(status)
        if code != .success { throw code }
    }
}

extension RunRecord {
    /// Whether a stage failed, or all that was asked for was done: nothing was left because the run was stopped.
    fileprivate var isFinished: Bool {
        stages.contains { $0.status == .failed }
            || stages.allSatisfy { $0.isLeftOut || $0.status == .ran || $0.status == .reused }
    }
}
