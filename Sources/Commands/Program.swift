internal import ArgumentParser
internal import Foundation

/// The program `pare`.
package enum Program {
    /// The version that the program and its artifacts show.
    static let version = "0.1.0"

    /// Does what the command line asks for, and ends the process.
    package static func main() -> Never {
        // Whoever reads the output may go away, as `head` does; a run goes on without it.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try PareCommand.parseAsRoot()
            do {
                try command.run()
            } catch let error as ValidationError {
                fail(error, of: type(of: command))
            }
            exit(0)
        } catch {
            PareCommand.exit(withError: error)
        }
    }

    /// Ends the process for wrong usage that was found while a command ran, with the words of what is found before.
    private static func fail(_ error: ValidationError, of command: any ParsableCommand.Type) -> Never {
        let usage = PareCommand.usageString(for: command)
        let name = usage.split(separator: " ").prefix { $0.first?.isLetter == true }.joined(separator: " ")
        Output.complain("Error: \(error.message)\nUsage: \(usage)\n  See '\(name) --help' for more information.\n")
        exit(ExitCode.validationFailure.rawValue)
    }
}
