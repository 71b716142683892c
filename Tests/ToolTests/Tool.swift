import Foundation

/// The built program.
enum Tool {
    /// How a command ended and what it wrote.
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    /// The program beside the test bundle.
    static let executable: URL = {
        let beside = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "pare")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: ".build/release/pare")
    }()

    /// A command that is going on.
    final class Command {
        private let process = Process()
        private let output: URL
        private let errors: URL

        /// Starts a program in a folder, with nothing on its standard input.
        init(_ executable: URL, _ arguments: [String], in folder: URL, environment: [String: String] = [:]) throws {
            let name = UUID().uuidString
            output = folder.appending(path: ".output-\(name)")
            errors = folder.appending(path: ".errors-\(name)")
            for url in [output, errors] { try Data().write(to: url) }
            process.executableURL = executable
            process.arguments = arguments
            process.currentDirectoryURL = folder
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: output)
            process.standardError = try FileHandle(forWritingTo: errors)
            try process.run()
        }

        /// What it has written to standard output until now.
        var outputSoFar: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

        /// Waits until a text is in the output, for a minute at the most; whether it is there.
        func waits(for text: String) -> Bool {
            let end = Date(timeIntervalSinceNow: 60)
            while Date() < end {
                if outputSoFar.contains(text) { return true }
                if !process.isRunning { return outputSoFar.contains(text) }
                Thread.sleep(forTimeInterval: 0.005)
            }
            return false
        }

        func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

        func end() throws -> Result {
            process.waitUntilExit()
            return Result(
                status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
                errors: try String(contentsOf: errors, encoding: .utf8))
        }
    }
}
