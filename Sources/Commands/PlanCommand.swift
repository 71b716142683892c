internal import ArgumentParser
internal import Checkpoints
internal import Documents
internal import Planning
internal import Reports

/// `pare plan`: what a run would do, and why.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Say for each stage whether it would run, and why; run nothing.")

    @OptionGroup var arguments: RecipeArguments
    @OptionGroup var planning: PlanningArguments

    func run() throws {
        let report = PlanReport(try planning.plan(arguments.load()).plan)
        if arguments.json {
            for event in report.events { Output.write(event.canonicalText + "\n") }
        } else {
            Output.write(report.text(Output.results.style))
        }
    }
}
