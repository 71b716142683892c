internal import Foundation

extension DiskFileSystem {
    /// The absolute path of a file or folder that exists, without links and detours.
    package static func realPath(of path: String) throws(FileError) -> String {
        guard let found = realpath(path, nil) else {
            throw FileError(action: "looking for", path: path, number: errno)
        }
        defer { free(found) }
        return String(cString: found)
    }

    /// The path of a file as it is seen from a folder: `../pipelines/road.yaml`; both exist.
    package static func path(of file: String, from folder: String) throws(FileError) -> String {
        let target = try realPath(of: file).split(separator: "/")
        let start = try realPath(of: folder).split(separator: "/")
        let common = zip(target, start).prefix { $0 == $1 }.count
        let parts = start.dropFirst(common).map { _ in ".." } + target.dropFirst(common)
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }
}
