internal import ArgumentParser
internal import Diagnostics
internal import Documents
internal import Execution
internal import Foundation
internal import Kernels
internal import Reports
internal import Stages

/// `pare analyze`: what each technique can save of a network, before anything is compressed.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Say how much pruning, projection and int8 can save of a network, layer by layer.",
        discussion: """
            With data, and a trained network, it also says what projections leave that keep 90, 95 and 99 % of the variance.
            """)

    @Argument(help: ArgumentHelp("A network file of pare, or a YAML architecture.", valueName: "network"))
    var network: String

    @Option(help: ArgumentHelp("A folder with a dataset.yaml.", valueName: "dir"))
    var data: String?

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Channels of the data to use; all if left out."))
    var channels: [String] = []

    @Flag(help: "Print the analysis as JSON, as in the artifact of an analyze stage.")
    var json = false

    func run() throws {
        var diagnostics = DiagnosticList()
        let inspection = NetworkInspection(network: network, data: data, channels: channels, into: &diagnostics)
        let analysis: JSONValue?
        do {
            let pool = WorkerPool(threads: ProcessInfo.processInfo.activeProcessorCount)
            analysis = try pool.hosting { try inspection?.analysis(pool: pool, into: &diagnostics) }
        } catch {
            Output.fail(error)
            throw ExitCode(ExitStatus.failed.rawValue)
        }
        guard let analysis else { throw Output.invalid(diagnostics) }
        Output.write(json ? analysis.prettyText : AnalysisReport(analysis, style: Output.results.style).text)
    }
}
