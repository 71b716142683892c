import Checkpoints
import Execution
import Foundation
import Planning
import Synchronization
import TestSupport
import Testing

@Suite struct StageInterruptionTests {
    /// SIGINT arrives while a checkpoint is saved: each of train, prune and project is stopped at every one of its own.
    @Test func `cancelled at any checkpoint and run again, it ends in the same bytes`() throws {
        let project = try TinyProject()
        let quiet = CancellingFileSystem(afterSave: .max)
        let expected = try project.run(store: "quiet", output: "quiet-run", files: quiet)
        let saves = quiet.saves
        #expect(saves >= 8)

        var stopped: Set<String> = []
        for turn in 1...saves {
            let store = "store-\(turn)"
            let files = CancellingFileSystem(afterSave: turn)
            let first = try project.run(store: store, files: files, cancellation: files.cancellation)
            #expect(first.summary.exitStatus == .interrupted, "cancelled at checkpoint \(turn)")
            #expect(!first.statuses.contains(.failed), "cancelled at checkpoint \(turn)")
            for report in first.summary.stages where report.status == .interrupted {
                stopped.insert(report.stage.id)
                let decision = try project.plan(store: store).decisions[report.stage.index]
                #expect(decision == .run(.interrupted), "cancelled at checkpoint \(turn)")
            }
            let resumed = try project.run(store: store, threads: 2)
            #expect(resumed.summary.exitStatus == .done, "cancelled at checkpoint \(turn)")
            #expect(resumed.bytes == expected.bytes, "cancelled at checkpoint \(turn)")
        }
        #expect(stopped == ["train", "prune", "project"])
    }
}

/// The disk, which asks the run to stop when an inner checkpoint has been saved.
private final class CancellingFileSystem: FileSystem {
    let cancellation = CancellationToken()
    private let disk = FaultyFileSystem()
    private let turn: Int
    private let count = Mutex(0)

    /// - Parameter turn: The checkpoint, counted from 1.
    init(afterSave turn: Int) { self.turn = turn }

    /// How many checkpoints were saved.
    var saves: Int { count.withLock { $0 } }

    func rename(_ path: String, to target: String) throws(FileError) {
        try disk.rename(path, to: target)
        guard target.hasSuffix("/checkpoint") else { return }
        let saves = count.withLock { count in
            count += 1
            return count
        }
        if saves == turn { cancellation.cancel(.interrupted) }
    }

    func createFolder(_ path: String) throws(FileError) { try disk.createFolder(path) }
    func write(_ data: Data, to path: String, durably: Bool) throws(FileError) {
        try disk.write(data, to: path, durably: durably)
    }
    func synchronizeFolder(_ path: String) throws(FileError) { try disk.synchronizeFolder(path) }
    func remove(_ path: String) throws(FileError) { try disk.remove(path) }
    func touch(_ path: String) throws(FileError) { try disk.touch(path) }
    func status(_ path: String) throws(FileError) -> FileStatus? { try disk.status(path) }
    func read(_ path: String) throws(FileError) -> Data? { try disk.read(path) }
    func list(_ path: String) throws(FileError) -> [String] { try disk.list(path) }
    func lock(_ path: String) throws(FileError) -> FileLock? { try disk.lock(path) }
}
