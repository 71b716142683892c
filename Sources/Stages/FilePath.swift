internal import Checkpoints
internal import Foundation

/// A file or folder that a recipe names: seen from the current folder if the recipe was, absolute otherwise.
///
/// What is shown of it does not depend on the machine beyond what the user wrote.
struct FilePath: Sendable {
    private let text: String

    init(_ text: String) { self.text = text }

    /// The folder that holds it; empty for the current one.
    var folder: FilePath { FilePath(text.lastIndex(of: "/").map { String(text[...$0]) } ?? "") }

    /// What a path means that is relative to this folder.
    func appending(_ path: String) -> FilePath {
        FilePath(text.isEmpty || path.hasPrefix("/") ? path : "\(text)/\(path)")
    }

    /// The path as the system takes it.
    var location: String { text.isEmpty ? "." : text }

    var pathExtension: String { URL(filePath: text).pathExtension }

    /// The bytes of the file.
    ///
    /// - Throws: ``StageError`` that names the file and the system's reason.
    func contents() throws(StageError) -> Data {
        let found: Data?
        do {
            found = try DiskFileSystem().read(text)
        } catch {
            throw StageError("cannot read '\(self)': \(error.reason)")
        }
        guard let found else { throw StageError("cannot read '\(self)': no such file") }
        return found
    }
}

extension FilePath: CustomStringConvertible {
    /// The path without detours: `data/dataset.yaml` for `pipelines/../data/dataset.yaml`.
    var description: String {
        var parts: [Substring] = []
        for part in text.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        let path = (text.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
        return path.isEmpty ? "." : path
    }
}
