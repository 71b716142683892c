internal import ArgumentParser
internal import Documents
internal import Reports

/// `pare compare`: two runs beside each other.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compare two runs: options, sizes, what was measured, layers.")

    @Argument(help: ArgumentHelp("The folder of a run, or its run.json.", valueName: "run"))
    var first: String

    @Argument(help: ArgumentHelp("The folder of another run.", valueName: "run"))
    var second: String

    @Flag(help: "Print it as JSON.")
    var json = false

    func run() throws {
        let comparison = RunComparison(try ShowCommand.read(first), try ShowCommand.read(second))
        Output.write(
            json ? comparison.json.prettyText : ComparisonReport(comparison, style: Output.results.style).text)
    }
}
