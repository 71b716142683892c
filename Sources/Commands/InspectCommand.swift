internal import ArgumentParser
internal import Diagnostics
internal import Documents
internal import Reports
internal import Stages

/// `pare inspect`: the layers of a network, their shapes and sizes.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "List the layers of a network with their shapes and sizes.")

    @Argument(help: ArgumentHelp("A network file of pare, or a YAML architecture.", valueName: "network"))
    var network: String

    @Flag(help: "Print it as JSON, as in the artifact of a stage.")
    var json = false

    func run() throws {
        var diagnostics = DiagnosticList()
        guard let inspection = NetworkInspection(network: network, into: &diagnostics) else {
            throw Output.invalid(diagnostics)
        }
        let sizes = inspection.sizes
        Output.write(json ? sizes.prettyText : InspectionReport(sizes, style: Output.results.style).text)
    }
}
