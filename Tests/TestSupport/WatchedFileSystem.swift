package import Checkpoints
package import Foundation
internal import Synchronization

/// The disk, which says when an inner checkpoint has been saved.
///
/// Nothing is forced to the disk, as no test cuts the power, and that is what takes the time.
package final class WatchedFileSystem: FileSystem {
    private let disk = FaultyFileSystem()
    private let count = Mutex(0)
    private let afterCheckpoint: @Sendable (Int) -> Void

    /// - Parameter afterCheckpoint: Takes the number of the checkpoint, from 1; called on the thread of the stage.
    package init(afterCheckpoint: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.afterCheckpoint = afterCheckpoint
    }

    /// How many checkpoints were saved.
    package var saves: Int { count.withLock { $0 } }

    package func rename(_ path: String, to target: String) throws(FileError) {
        try disk.rename(path, to: target)
        guard target.hasSuffix("/checkpoint") else { return }
        let saves = count.withLock { count in
            count += 1
            return count
        }
        afterCheckpoint(saves)
    }

    package func createFolder(_ path: String) throws(FileError) { try disk.createFolder(path) }
    package func write(_ data: Data, to path: String, durably: Bool) throws(FileError) {
        try disk.write(data, to: path, durably: durably)
    }
    package func synchronizeFolder(_ path: String) throws(FileError) { try disk.synchronizeFolder(path) }
    package func remove(_ path: String) throws(FileError) { try disk.remove(path) }
    package func read(_ path: String) throws(FileError) -> Data? { try disk.read(path) }
    package func touch(_ path: String) throws(FileError) { try disk.touch(path) }
    package func status(_ path: String) throws(FileError) -> FileStatus? { try disk.status(path) }
    package func list(_ path: String) throws(FileError) -> [String] { try disk.list(path) }
    package func lock(_ path: String) throws(FileError) -> FileLock? { try disk.lock(path) }
}
