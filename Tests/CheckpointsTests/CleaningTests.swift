import Checkpoints
import Documents
import Foundation
import Planning
import Synchronization
import TestSupport
import Testing

@Suite struct CleaningTests {
    struct GaveUp: Error {}

    let folder: TemporaryFolder
    let store: Store
    static let now = Date(timeIntervalSince1970: 1_000_000)

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(at: folder.path, fileSystem: FaultyFileSystem())
        try store.prepare()
    }

    static func key(_ number: Int) -> StageKey { StageKey(ingredients: ["kind": "\(number)"]) }

    /// Stores the record of a key, last used some seconds before ``now``.
    func make(_ number: Int, age: Double = 0) throws {
        let outputs = ["network.safetensors": Data(repeating: 1, count: 1000)]
        let key = Self.key(number)
        let lock = try store.lock(key) { throw GaveUp() }
        try store.save(
            Record(key: key, ingredients: ["kind": "\(number)"], result: [:], outputs: outputs), outputs: outputs)
        withExtendedLifetime(lock) {}
        try FileManager.default.setAttributes(
            [.modificationDate: Self.now.addingTimeInterval(-age)],
            ofItemAtPath: store.folder(of: key) + "/record.json")
    }

    func clean(_ rules: CleaningRules, dryRun: Bool = false) throws -> Cleaning {
        try store.clean(rules, at: Self.now, dryRun: dryRun) { throw GaveUp() }
    }

    func kinds(_ records: [StoredRecord]) -> [String] { records.map(\.kind).sorted() }

    static let everything = CleaningRules(maximumBytes: 0)

    static let rules: [(CleaningRules, [String])] = [
        (CleaningRules(), []),
        (everything, ["0", "1", "2", "3"]),
        (CleaningRules(maximumAge: 15), ["2", "3"]),
        (CleaningRules(maximumAge: 35), []),
        (CleaningRules(maximumBytes: 1 << 20), []),
        (CleaningRules(maximumBytes: 3000), ["2", "3"]),
        (CleaningRules(maximumBytes: 3000, kept: [key(3)]), ["1", "2"]),
        (CleaningRules(maximumBytes: 0, kept: [key(0), key(1)]), ["2", "3"]),
        (CleaningRules(maximumAge: 15, maximumBytes: 1 << 20), ["2", "3"]),
        (CleaningRules(kept: [key(1), key(2)]), []),
    ]

    @Test(arguments: rules)
    func `rules say what goes`(rules: CleaningRules, removed: [String]) throws {
        for number in 0..<4 { try make(number, age: Double(number) * 10) }
        let planned = try clean(rules, dryRun: true)
        #expect(try store.inventory().count == 4)
        let cleaning = try clean(rules)
        #expect(planned == cleaning)
        #expect(kinds(cleaning.removed) == removed)
        #expect(try kinds(store.inventory()) == kinds(cleaning.left))
        #expect(kinds(cleaning.left + cleaning.removed) == ["0", "1", "2", "3"])
        for record in cleaning.removed {
            #expect(!FileManager.default.fileExists(atPath: store.folder(of: record.key)))
        }
    }

    @Test func `what was reused is used last`() throws {
        for number in 0..<2 { try make(number, age: 100) }
        store.noteReuse(of: Self.key(0))
        #expect(try kinds(clean(CleaningRules(maximumAge: 50)).removed) == ["1"])
    }

    @Test func `what a run in progress needs stays, until the run ends`() throws {
        for number in 0..<3 { try make(number) }
        var run: Store? = try store.claiming([Self.key(0), Self.key(7)]) { throw GaveUp() }
        let cleaning = try clean(Self.everything)
        #expect(kinds(cleaning.removed) == ["1", "2"])
        #expect(kinds(cleaning.inUse) == ["0"])
        #expect(try run?.state(of: Self.key(0)) == .complete)
        run = nil
        #expect(try folder.files(below: "runs").isEmpty)
        #expect(try kinds(clean(Self.everything).removed) == ["0"])
    }

    @Test func `a record that is being made stays`() throws {
        try make(0)
        let lock = try store.lock(Self.key(0)) { throw GaveUp() }
        #expect(try kinds(clean(Self.everything).left) == ["0"])
        withExtendedLifetime(lock) {}
    }

    @Test func `the claim of a killed process is void`() throws {
        try make(0)
        let path = folder.path + "/runs/other.json"
        try FileManager.default.createDirectory(atPath: folder.path + "/runs", withIntermediateDirectories: true)
        let list: JSONValue = [.string(Self.key(0).description)]
        let claim: JSONValue = ["digest": .string(Digest(of: list).hex), "keys": list]
        try Data(claim.prettyText.utf8).write(to: URL(filePath: path))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["flock", "--no-fork", path, "sleep", "600"]
        try process.run()
        // Until the process has the lock, cleaning would remove its file.
        while try DiskFileSystem().lock(path) != nil { Thread.sleep(forTimeInterval: 0.005) }
        #expect(try clean(Self.everything).removed.isEmpty)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(try kinds(clean(Self.everything).removed) == ["0"])
        #expect(try folder.files(below: "runs").isEmpty)
    }

    @Test func `runs are claimed while the store is verified`() async throws {
        let store = store
        let verifier = Task.detached { while !Task.isCancelled { _ = try store.verify() } }
        for number in 0..<300 {
            let claimed = try store.claiming([Self.key(number)]) {}
            withExtendedLifetime(claimed) {}
        }
        verifier.cancel()
        try await verifier.value
    }

    @Test func `a claim that nobody can read stops the cleaning`() throws {
        try make(0)
        let run = try store.claiming([Self.key(0)]) { throw GaveUp() }
        let name = try #require(try folder.files(below: "runs").keys.first)
        let path = "\(folder.path)/runs/\(name)"
        let whole = try Data(contentsOf: URL(filePath: path))
        for position in whole.indices where whole[position] > 32 {
            var damaged = whole
            damaged[position] ^= 1
            // In place, as the lock belongs to the file.
            try damaged.write(to: URL(filePath: path), options: [])
            let error = try #require(throws: StoreError.self) { try clean(Self.everything) }
            #expect(error.code == .damaged)
            #expect(
                error.message == "'\(path)' does not say what a run in progress needs, so nothing is removed: "
                    + "wait until the run has ended")
        }
        withExtendedLifetime(run) {}
    }

    @Test(arguments: [EROFS, EACCES])
    func `what would go is told of a store that cannot be written`(number: Int32) throws {
        for number in 0..<2 { try make(number) }
        let run = try store.claiming([Self.key(0)]) { throw GaveUp() }
        let readOnly = try Store(at: folder.path, fileSystem: FaultyFileSystem(.refuses(number), atChange: 1))
        let cleaning = try readOnly.clean(Self.everything, at: Self.now, dryRun: true) { throw GaveUp() }
        #expect(kinds(cleaning.removed) == ["1"])
        #expect(kinds(cleaning.inUse) == ["0"])
        let error = try #require(throws: StoreError.self) {
            try readOnly.clean(Self.everything, at: Self.now) { throw GaveUp() }
        }
        let reason = number == EROFS ? "read-only file system" : "permission denied"
        #expect(
            error.message == "\(reason) while creating the folder '\(folder.path)': make the folder writable or name "
                + "another with --store")
        withExtendedLifetime(run) {}
    }

    @Test func `waiting for the lock of the store can be given up`() throws {
        let lock = try #require(try DiskFileSystem().lock(folder.path + "/lock"))
        #expect(throws: GaveUp.self) { try store.claiming([]) { throw GaveUp() } }
        #expect(throws: GaveUp.self) { try clean(Self.everything) }
        withExtendedLifetime(lock) {}
    }

    /// Runs that start at any moment while another thread removes all it can.
    @Test func `nothing that a run needs goes, whenever it starts`() throws {
        let isOver = Atomic(false)
        let removed = Atomic(0)
        let failures = Mutex<[String]>([])
        let cleaner = Thread {
            do {
                while !isOver.load(ordering: .relaxed) {
                    let count = try clean(Self.everything, waiting: true).removed.count
                    removed.add(count, ordering: .relaxed)
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
            isOver.store(false, ordering: .releasing)
        }
        cleaner.start()
        DispatchQueue.concurrentPerform(iterations: 4) { runner in
            var generator = SeededGenerator(seed: UInt64(runner))
            for _ in 0..<60 {
                do {
                    try run(Int.random(in: 0..<4, using: &generator), failures)
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        isOver.store(true, ordering: .relaxed)
        while isOver.load(ordering: .acquiring) { Thread.sleep(forTimeInterval: 0.001) }
        #expect(failures.withLock { $0 } == [])
        #expect(removed.load(ordering: .relaxed) > 0)
        #expect(try folder.files(below: "runs").isEmpty)
    }

    private func clean(_ rules: CleaningRules, waiting: Bool) throws -> Cleaning {
        try store.clean(rules, at: Self.now) { Thread.sleep(forTimeInterval: 0.0005) }
    }

    /// Claims three keys, looks which are there, makes the others, and looks again.
    private func run(_ first: Int, _ failures: borrowing Mutex<[String]>) throws {
        let keys = (first..<first + 3).map(Self.key)
        let run = try store.claiming(keys) { Thread.sleep(forTimeInterval: 0.0005) }
        let found = try keys.map { try run.state(of: $0) == .complete }
        for (number, isThere) in zip(first..<first + 3, found) where !isThere {
            let lock = try run.lock(Self.key(number)) { Thread.sleep(forTimeInterval: 0.0005) }
            if try run.state(of: Self.key(number)) == .complete { continue }
            let outputs = ["network.safetensors": Data("\(number)".utf8)]
            try run.save(
                Record(
                    key: Self.key(number), ingredients: ["kind": "\(number)"], result: [:], outputs: outputs),
                outputs: outputs)
            withExtendedLifetime(lock) {}
        }
        for key in keys {
            let state = try run.state(of: key)
            if state != .complete { failures.withLock { $0.append("\(key) is \(state)") } }
        }
    }
}
