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
        PareCommand.main()
        exit(0)
    }
}
