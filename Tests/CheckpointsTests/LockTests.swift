import Checkpoints
import Documents
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct LockTests {
    static let key = StageKey(ingredients: ["kind": "prune"])

    struct GaveUp: Error {}

    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(at: folder.path)
        try store.prepare()
    }

    @Test func `a lock is for one holder at a time, in any store of the folder`() throws {
        let other = try Store(at: folder.path)
        var lock: FileLock? = try store.lock(Self.key) { throw GaveUp() }
        #expect(throws: GaveUp.self) { try other.lock(Self.key) { throw GaveUp() } }
        var waits = 0
        let second = try other.lock(Self.key) {
            waits += 1
            lock = nil
        }
        #expect(waits == 1)
        #expect(lock == nil)
        withExtendedLifetime(second) {}
    }

    @Test func `locks of different keys are independent`() throws {
        let first = try store.lock(Self.key) { throw GaveUp() }
        let second = try store.lock(StageKey(ingredients: ["kind": "load"])) { throw GaveUp() }
        withExtendedLifetime((first, second)) {}
    }

    @Test func `a lock dies with the process that held it`() throws {
        var lock: FileLock? = try store.lock(Self.key) { throw GaveUp() }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["flock", "--no-fork", store.folder(of: Self.key) + "/lock", "sleep", "600"]
        lock = nil
        try process.run()
        let pid = process.processIdentifier
        // Wait until the other process has the lock.
        while (try? store.lock(Self.key) { throw GaveUp() }) != nil { Thread.sleep(forTimeInterval: 0.005) }
        var waits = 0
        lock = try store.lock(Self.key) {
            if waits == 0 { kill(pid, SIGKILL) }
            waits += 1
            Thread.sleep(forTimeInterval: 0.005)
        }
        #expect(waits > 0)
        withExtendedLifetime(lock) {}
    }
}
