internal import ArgumentParser
internal import Execution
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

    func validate() throws {
        if output?.isEmpty == true { throw ValidationError("--output is empty, expected a folder") }
    }

    func run() throws {
        let recipes = try arguments.load(dataMemory: execution.dataMemoryLimit)
        let (plan, store) = try planning.plan(recipes)
        let summary = try execution.execute(plan, of: recipes, in: store, json: arguments.json) { date in
            Executor.folders(forRecipes: recipes.map(\.stages.name), output: output, date: date)
        }
        if !arguments.json { Output.write(ClosingReport(summary, style: Output.results.style).text) }
        let command = ShellCommand(arguments: CommandLine.arguments).goingOn
        Output.complain(ClosingReport(summary, style: Output.errors.style).failure(goOnWith: command.description))
        if summary.exitStatus != .done { throw ExitCode(summary.exitStatus.rawValue) }
    }
}
