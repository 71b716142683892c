package import Checkpoints
package import Foundation
internal import Synchronization

/// The disk, until a chosen call that changes something: then it fails as a full disk or a dying process would.
///
/// Nothing is forced to the disk, as no test cuts the power, and that is what takes the time.
package final class FaultyFileSystem: FileSystem {
    /// What happens at the chosen call.
    package enum Fault: Hashable, Sendable {
        /// It and every later change are refused with this error number; reading goes on.
        case refuses(Int32)
        /// It does not happen, and every later call fails: the process is dead.
        case stops
        /// A write leaves half of its bytes; then as ``stops``.
        case tears
    }

    private let disk = DiskFileSystem()
    private let fault: Fault
    private let turn: Int
    private let changes = Mutex(0)
    private let durable = Mutex<[String]>([])

    /// Creates a file system that fails at a change, counted from 1, or never.
    package init(_ fault: Fault = .stops, atChange turn: Int = .max) {
        self.fault = fault
        self.turn = turn
    }

    /// How many changes were asked for.
    package var changeCount: Int { changes.withLock { $0 } }

    /// The files that were to be forced to the disk, and the folders, in order.
    package var forced: [String] { durable.withLock { $0 } }

    /// Whether the fault has happened.
    package var hasFailed: Bool { changeCount >= turn }

    package func createFolder(_ path: String) throws(FileError) {
        try change("creating the folder", path)
        try disk.createFolder(path)
    }

    package func write(_ data: Data, to path: String, durably: Bool) throws(FileError) {
        do {
            try change("writing", path)
        } catch {
            if fault == .tears, changeCount == turn {
                try disk.write(data.prefix(data.count / 2), to: path, durably: false)
            }
            throw error
        }
        if durably { durable.withLock { $0.append(path) } }
        try disk.write(data, to: path, durably: false)
    }

    package func rename(_ path: String, to target: String) throws(FileError) {
        try change("renaming a file to", target)
        try disk.rename(path, to: target)
    }

    package func synchronizeFolder(_ path: String) throws(FileError) {
        try change("writing", path)
        durable.withLock { $0.append(path) }
    }

    package func remove(_ path: String) throws(FileError) {
        try change("removing", path)
        try disk.remove(path)
    }

    package func touch(_ path: String) throws(FileError) {
        try change("touching", path)
        try disk.touch(path)
    }

    package func status(_ path: String) throws(FileError) -> FileStatus? {
        try look("reading", path)
        return try disk.status(path)
    }

    package func read(_ path: String) throws(FileError) -> Data? {
        try look("reading", path)
        return try disk.read(path)
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        try look("listing", path)
        return try disk.list(path)
    }

    package func lock(_ path: String) throws(FileError) -> FileLock? {
        try change("locking", path)
        return try disk.lock(path)
    }

    private func change(_ action: String, _ path: String) throws(FileError) {
        let count = changes.withLock { changes in
            changes += 1
            return changes
        }
        if count >= turn { throw FileError(action: action, path: path, number: number) }
    }

    private func look(_ action: String, _ path: String) throws(FileError) {
        if case .refuses = fault { return }
        if hasFailed { throw FileError(action: action, path: path, number: number) }
    }

    private var number: Int32 { if case .refuses(let number) = fault { number } else { EIO } }
}
