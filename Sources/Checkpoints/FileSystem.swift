package import Foundation

/// What the store and a run's folder do with files; tests put a faulty one in its place.
///
/// Calls may come from several threads.
package protocol FileSystem: Sendable {
    /// Creates a folder, and those above it; one that is there already is kept.
    ///
    /// The first file that is written durably in it takes the new folders to the disk, too: file systems with a
    /// journal write the path with the file. If one does not, the folder is gone as a whole, and its record is made
    /// again.
    func createFolder(_ path: String) throws(FileError)

    /// Writes a new file, or writes an old one anew. Until the end of the call the file may be there in part.
    ///
    /// If it is written `durably`, its bytes are on the disk when the call returns (`fsync`).
    func write(_ data: Data, to path: String, durably: Bool) throws(FileError)

    /// Gives a file another name in one step, in place of the file that had it.
    func rename(_ path: String, to target: String) throws(FileError)

    /// Forces the names in a folder to the disk.
    func synchronizeFolder(_ path: String) throws(FileError)

    /// Removes a file, or a folder with all that is in it; nothing to remove is no error.
    func remove(_ path: String) throws(FileError)

    /// Notes that a file is in use: the time of its last change becomes that of the call.
    func touch(_ path: String) throws(FileError)

    /// The bytes of a file, or `nil` if there is none.
    func read(_ path: String) throws(FileError) -> Data?

    /// What stands under a name, or `nil` if nothing does.
    func status(_ path: String) throws(FileError) -> FileStatus?

    /// The names in a folder, sorted; none if the folder is not there.
    func list(_ path: String) throws(FileError) -> [String]

    /// Takes the lock of a file, which is created if needed, or returns `nil` if another holds it.
    func lock(_ path: String) throws(FileError) -> FileLock?
}

/// What a file system knows of a file without reading it.
package struct FileStatus: Hashable, Sendable {
    /// Whether it is a folder.
    package let isFolder: Bool
    /// How many bytes it has.
    package let size: Int
    /// When it was last written or touched.
    package let changed: Date

    package init(isFolder: Bool, size: Int, changed: Date) {
        self.isFolder = isFolder
        self.size = size
        self.changed = changed
    }
}

/// A lock that is held while the value lives; the system drops it when the process dies.
package final class FileLock: Sendable {
    private let release: @Sendable () -> Void

    package init(release: @escaping @Sendable () -> Void) {
        self.release = release
    }

    deinit { release() }
}

/// A call of the system that failed.
package struct FileError: Error, Hashable, Sendable {
    /// What was being done, such as `writing`.
    package let action: String
    /// The file or folder.
    package let path: String
    /// The system's error number.
    package let number: Int32

    package init(action: String, path: String, number: Int32) {
        self.action = action
        self.path = path
        self.number = number
    }
}

extension FileError: CustomStringConvertible {
    package var description: String { message(option: nil) }

    /// Whether the disk, or the user's share of it, is full.
    package var isNoSpace: Bool { number == ENOSPC || number == EDQUOT }

    /// Whether the system refused the call.
    package var isRefused: Bool { number == EACCES || number == EPERM || number == EROFS }

    /// The system's own words for the failure.
    package var reason: String { String(cString: strerror(number)).lowercased() }

    /// Whether there is a folder in the place of the file.
    package var isFolder: Bool { number == EISDIR }

    /// Whether the file system has no locks.
    package var isWithoutLocks: Bool { [ENOLCK, ENOSYS, EOPNOTSUPP].contains(number) && action == "locking" }

    /// What failed and what to do, such as naming another folder with an option of the command.
    package func message(option: String?) -> String {
        if isNoSpace {
            return "no space left while \(action) '\(path)': free some space and run the same command again; "
                + "nothing stored is lost"
        }
        if isFolder {
            return "'\(path)' is a folder, expected a file: remove the folder and run the same command again"
        }
        if isWithoutLocks {
            let remedy = option.map { ": name a folder on another file system with \($0)" } ?? ""
            return "the file system of '\(path)' has no locks\(remedy)"
        }
        let isElsewhere = number == ENOTDIR || number == ENOENT
        guard let option, isRefused || isElsewhere else { return "\(reason) while \(action) '\(path)'" }
        let remedy = isRefused ? "make the folder writable or name another with" : "name another folder with"
        return "\(reason) while \(action) '\(path)': \(remedy) \(option)"
    }
}
