internal import ArgumentParser
internal import Checkpoints
internal import Execution
internal import Foundation
internal import Reports

/// The files that a command leaves for continuous integration.
struct BatchArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Write stages, requirements and goals to this file as JUnit XML.", valueName: "file"))
    var junit: String?

    @Option(help: ArgumentHelp("Write a summary for the page of a job to this file.", valueName: "file"))
    var markdown: String?

    func validate() throws {
        for (option, path) in files where path.isEmpty { throw ValidationError("\(option) is empty, expected a file") }
        if let junit, let markdown, Self.place(of: junit) == Self.place(of: markdown) {
            throw ValidationError("--junit and --markdown name the same file, expected two")
        }
    }

    private var files: [(option: String, path: String)] {
        [("--junit", junit), ("--markdown", markdown)].compactMap { option, path in path.map { (option, $0) } }
    }

    /// The file that a path leads to, however it is written.
    private static func place(of path: String) -> String {
        URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
}

// MARK: - Writing

extension BatchArguments {
    /// Makes sure that the files can be written; those that are there stay until then.
    ///
    /// A file that is no such report is not replaced: it may be a recipe, if the name of the report was forgotten.
    ///
    /// - Throws: The exit status 1 if they cannot be, after saying why.
    func prepare() throws {
        for (option, path) in files {
            let opening = option == "--junit" ? JUnitReport.opening : MarkdownReport.opening
            if let reason = Self.obstacle(to: path, opening: opening) { throw Self.unwritable(reason, option, path) }
        }
    }

    /// Why a report that opens with some text cannot be written to a path; `nil` if it can.
    private static func obstacle(to path: String, opening: String) -> String? {
        do {
            let disk = DiskFileSystem()
            if let end = path.lastIndex(of: "/"), end != path.startIndex {
                try disk.createFolder(String(path[..<end]))
            }
            guard isFileOrAbsent(path), !path.hasSuffix("/") else { return "it is no file" }
            if let data = try disk.read(path), !data.isEmpty, !data.starts(with: opening.utf8) {
                return "the file that is there is no such report"
            }
            try disk.write(Data(), to: path + ".partial", durably: false)
            try disk.remove(path + ".partial")
            return nil
        } catch {
            return error.reason
        }
    }

    /// Writes the files.
    ///
    /// - Returns: Whether all of them could be written; why not is said.
    @discardableResult
    func write(_ outcome: BatchOutcome) -> Bool {
        var isWritten = true
        for (option, path) in files {
            do {
                let text = option == "--junit" ? JUnitReport(outcome).text : MarkdownReport(outcome).text
                try Self.replace(path, with: text)
            } catch {
                _ = Self.unwritable(error.reason, option, path)
                isWritten = false
            }
        }
        return isWritten
    }

    /// Puts a file in place of another in one step.
    private static func replace(_ path: String, with text: String) throws(FileError) {
        let disk = DiskFileSystem()
        do {
            try disk.write(Data(text.utf8), to: path + ".partial", durably: false)
            try disk.rename(path + ".partial", to: path)
        } catch {
            try? disk.remove(path + ".partial")
            throw error
        }
    }

    /// Whether a file could stand there: a device or a pipe is not to be replaced by one.
    private static func isFileOrAbsent(_ path: String) -> Bool {
        func type(_ path: String) -> FileAttributeType? {
            (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
        }
        switch type(path) {
        case nil, .typeRegular: return true
        case .typeSymbolicLink: return type(URL(filePath: path).resolvingSymlinksInPath().path) == .typeRegular
        default: return false
        }
    }

    /// Says why a report cannot be written.
    private static func unwritable(_ reason: String, _ option: String, _ path: String) -> ExitCode {
        let error = Output.errors.style.text("error:", .bad)
        Output.complain(
            "\(error) the report '\(path)' cannot be written: \(reason): name another file with \(option)\n")
        return ExitCode(ExitStatus.failed.rawValue)
    }
}
