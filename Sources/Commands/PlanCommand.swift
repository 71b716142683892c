internal import ArgumentParser
internal import Checkpoints
internal import Clusters
internal import Documents
internal import Planning
internal import Reports
internal import Stages

/// `pare plan`: what a run would do, and why.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Say for each stage whether it would run, and why; run nothing.")

    /// How the plan is written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json, dot, mermaid, k8s
    }

    @OptionGroup var arguments: RecipeArguments
    @OptionGroup var planning: PlanningArguments

    @Option(
        help: """
            Write it as text, JSON lines, the graph for Graphviz or Mermaid, or a manifest for Kubernetes. (default: text)
            """)
    var format: Format?

    @OptionGroup var kubernetes: KubernetesArguments

    func validate() throws {
        if arguments.json, let format, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other: keep one of them")
        }
        if format == .k8s, arguments.recipes.count > 1 || arguments.arePoints {
            throw ValidationError("a manifest is that of one recipe: name one YAML file")
        }
    }

    func run() throws {
        let format = format ?? (arguments.json ? .json : .text)
        var arguments = arguments
        // Faults, too, are told in the format that was asked for.
        arguments.json = format == .json
        if format == .k8s { return Output.write(try manifest().text) }
        let recipes = try planning.settled(arguments.load())
        // As long as a search is open, the plan has its candidates.
        let planned = recipes.flatMap { $0.search?.candidates ?? [$0] }
        let report = PlanReport(try planning.plan(planned, claiming: false).plan)
        switch format {
        case .text:
            Output.write(report.text(Output.results.style))
            for recipe in recipes {
                if let record = recipe.stages.search {
                    Output.write(SearchReport(record).line(of: recipe.stages.name) + "\n")
                } else if recipe.search != nil {
                    Output.write(
                        "\(recipe.stages.name): runs with the \(FractionSearch.option) that is best of these on the "
                            + "\(FractionSearch.split) data\n")
                }
            }
        case .json: for event in report.events { Output.write(event.canonicalText + "\n") }
        case .dot: Output.write(report.dot)
        case .mermaid: Output.write(report.mermaid)
        case .k8s: break
        }
    }
}
