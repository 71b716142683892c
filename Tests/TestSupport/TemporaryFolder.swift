package import Foundation

/// A folder of its own for a test, removed with the value.
package final class TemporaryFolder: Sendable {
    /// The absolute path.
    package let path: String

    package init() throws {
        path = NSTemporaryDirectory() + "pare-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The bytes of every file below a folder, by relative path.
    package func files(below folder: String = "") throws -> [String: Data] {
        let root = path + "/" + folder
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: root) {
            let isFolder =
                try FileManager.default.attributesOfItem(atPath: root + "/" + name)[.type] as? FileAttributeType
            if isFolder != .typeDirectory { files[name] = try Data(contentsOf: URL(filePath: root + "/" + name)) }
        }
        return files
    }
}
