internal import ArgumentParser
internal import Checkpoints
internal import Diagnostics
internal import Documents
internal import Execution
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

// MARK: - What may fail

extension Output {
    /// What a reading gives, after its faults were shown.
    ///
    /// - Parameter json: Whether they are shown as JSON lines on standard output.
    /// - Throws: The exit status 2 if it gave nothing.
    static func checked<Value>(json: Bool, _ read: (inout DiagnosticList) -> Value?) throws -> Value {
        var diagnostics = DiagnosticList()
        let value = read(&diagnostics)
        show(diagnostics, json: json)
        guard let value else { throw ExitCode(2) }
        return value
    }

    private static func show(_ diagnostics: DiagnosticList, json: Bool) {
        if json {
            for diagnostic in diagnostics.sorted { write(diagnostic.json.canonicalText + "\n") }
        } else {
            complain(DiagnosticRenderer(usesColour: errors.style.usesColour).render(diagnostics))
        }
    }

    /// What a body gives; of an error it says why, and throws the exit status 1.
    static func attempt<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let status as ExitCode {
            throw status
        } catch {
            fail(error)
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }
}
