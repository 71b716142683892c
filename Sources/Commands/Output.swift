internal import ArgumentParser
internal import Checkpoints
internal import Diagnostics
internal import Foundation
internal import Reports

/// The standard streams: results go to one, complaints to the other.
enum Output {
    static let results = Terminal(descriptor: 1, environment: ProcessInfo.processInfo.environment)
    static let errors = Terminal(descriptor: 2, environment: ProcessInfo.processInfo.environment)

    /// Writes to standard output; nothing happens if nobody reads it any more.
    static func write(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    /// Writes to standard error.
    static func complain(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// Shows faults on standard error.
    ///
    /// - Returns: The exit status of what has them.
    static func invalid(_ diagnostics: DiagnosticList) -> ExitCode {
        complain(DiagnosticRenderer(usesColour: errors.style.usesColour).render(diagnostics))
        return ExitCode(2)
    }

    /// Says on standard error why the command cannot go on.
    static func fail(_ error: any Error) {
        complain("\(errors.style.text("error:", .bad)) \(error)\n")
    }
}

extension Output {
    /// Waits for whoever holds the lock of a store, as cleaning does for some time; says so after a second.
    ///
    /// No signal is caught at this time, so that SIGINT and SIGTERM end the process.
    static func waitForStore(_ store: Store) -> () -> Void {
        var count = 0
        return {
            count += 1
            if count == 50 { complain("waiting for another pare, which is cleaning the store '\(store.path)'...\n") }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }
}
