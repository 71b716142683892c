internal import ArgumentParser
internal import Checkpoints
internal import Documents
internal import Planning
internal import Reports

/// `pare plan`: what a run would do, and why.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Say for each stage whether it would run, and why; run nothing.")

    /// How the plan is written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json, dot, mermaid
    }

    @OptionGroup var arguments: RecipeArguments
    @OptionGroup var planning: PlanningArguments

    @Option(help: "Write it as text, JSON lines, or the graph for Graphviz or Mermaid. (default: text)")
    var format: Format?

    func validate() throws {
        if arguments.json, let format, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other: keep one of them")
        }
    }

    func run() throws {
        let format = format ?? (arguments.json ? .json : .text)
        var arguments = arguments
        // Faults, too, are told in the format that was asked for.
        arguments.json = format == .json
        let report = PlanReport(try planning.plan(arguments.load(), claiming: false).plan)
        switch format {
        case .text: Output.write(report.text(Output.results.style))
        case .json: for event in report.events { Output.write(event.canonicalText + "\n") }
        case .dot: Output.write(report.dot)
        case .mermaid: Output.write(report.mermaid)
        }
    }
}
