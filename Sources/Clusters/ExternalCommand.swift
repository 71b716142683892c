internal import Foundation

/// Runs programs of the cluster; tests have others in their place on the `PATH`.
package struct ExternalCommand: Sendable {
    /// What a program wrote and how it ended.
    package struct Result: Hashable, Sendable {
        package var status: Int32
        package var output: String
        package var errors: String

        package init(status: Int32 = 0, output: String = "", errors: String = "") {
            self.status = status
            self.output = output
            self.errors = errors
        }

        /// What the program complained of, on one line.
        var complaint: String {
            let lines = (errors + "\n" + output).split(whereSeparator: \.isNewline)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            let text = lines.filter { !$0.isEmpty }.joined(separator: "; ")
            return text.isEmpty ? "exit status \(status)" : text
        }
    }

    /// Runs a program with arguments to its end.
    ///
    /// - Throws: ``ClusterError`` with code ``ClusterError/Code/programMissing`` if there is no such program.
    package let run: @Sendable (_ name: String, _ arguments: [String]) throws(ClusterError) -> Result

    package init(run: @escaping @Sendable (String, [String]) throws(ClusterError) -> Result) {
        self.run = run
    }

    /// Runs the programs that the `PATH` leads to.
    package static let onPath = ExternalCommand { name, arguments throws(ClusterError) in
        let places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let paths = places.map { "\($0)/\(name)" }
        guard let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw .programMissing(name)
        }
        let process = Process()
        let output = Pipe()
        let errors = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        do {
            try process.run()
            let texts = try [output, errors].map { try $0.fileHandleForReading.readToEnd() ?? Data() }
            process.waitUntilExit()
            return Result(
                status: process.terminationStatus, output: String(decoding: texts[0], as: UTF8.self),
                errors: String(decoding: texts[1], as: UTF8.self))
        } catch {
            throw .cannotStart(name, error)
        }
    }
}
