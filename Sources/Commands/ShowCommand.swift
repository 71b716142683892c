internal import ArgumentParser
internal import Execution
internal import Reports

/// `pare show`: a run's folder, as `pare run` ended with it.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a run came to, from its folder; also of a run that was killed.")

    @Argument(help: ArgumentHelp("The folder of a run, or its run.json.", valueName: "run"))
    var folder: String

    func run() throws {
        Output.write(StoredRunReport(try Self.read(folder), style: Output.results.style).text)
    }

    /// Reads a run's folder.
    ///
    /// - Throws: The exit status 1 if it holds no run, after saying why.
    static func read(_ path: String) throws -> RunRecord {
        do {
            return try RunRecord(reading: path)
        } catch {
            Output.fail(error)
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }
}
