import Checkpoints
import Documents
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct VerificationTests {
    struct GaveUp: Error {}

    let folder: TemporaryFolder
    let store: Store
    static let key = StageKey(ingredients: ["kind": "prune"])
    static let other = StageKey(ingredients: ["kind": "train"])

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(at: folder.path, fileSystem: FaultyFileSystem())
        try store.prepare()
        let outputs = ["network.safetensors": Data("weights".utf8)]
        let record = Record(key: Self.key, ingredients: ["kind": "prune"], result: [:], outputs: outputs)
        let lock = try store.lock(Self.key) { throw GaveUp() }
        try store.save(record, outputs: outputs)
        store.noteLatest(record, recipe: "road", stage: "prune")
        let otherLock = try store.lock(Self.other) { throw GaveUp() }
        try store.save(InnerCheckpoint(data: Data([1, 2]), instructionSet: "avx2"), for: Self.other)
        withExtendedLifetime((lock, otherLock)) {}
    }

    /// The path of a file of a key within the store.
    static func path(_ name: String, of key: StageKey = key) -> String {
        "records/\(key.description.prefix(2))/\(key)/\(name)"
    }

    func write(_ path: String, _ text: String = "?") throws {
        let url = URL(filePath: "\(folder.path)/\(path)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func faults() throws -> [String] { try store.verify().faults.map { "\($0.kind) \($0.path): \($0.message)" } }

    @Test func `a store as it was left has no fault`() throws {
        let verification = try store.verify()
        #expect(verification.faults == [])
        #expect(verification.intact == 1)
        // One size, whoever tells it; what is not under a key is counted apart.
        #expect(try verification.bytes == store.inventory().reduce(0) { $0 + $1.bytes })
        let all = try folder.files().values.reduce(0) { $0 + $1.count }
        #expect(verification.otherBytes > 0 && verification.bytes + verification.otherBytes == all)
        #expect(!verification.isDamaged)
    }

    @Test func `every flipped bit of a record, a checkpoint and a note is found`() throws {
        let note = try #require(try folder.files(below: "latest").keys.first)
        let paths = ["record.json", "network.safetensors"].map { Self.path($0) } + ["latest/\(note)"]
        for path in paths + [Self.path("checkpoint", of: Self.other)] {
            let url = URL(filePath: "\(folder.path)/\(path)")
            let whole = try Data(contentsOf: url)
            // White space may change without harm; the name of the instruction set is compared when it is used.
            for position in whole.indices where whole[position] > 32 && !path.hasSuffix("checkpoint") || position > 100
            {
                var damaged = whole
                damaged[position] ^= 1
                try damaged.write(to: url)
                #expect(try store.verify().isDamaged, "\(path) at \(position)")
            }
            try whole.write(to: url)
        }
        #expect(try faults() == [])
    }

    @Test func `what is damaged, left over or not of the store is told`() throws {
        try write(Self.path("network.safetensors"), "waights")
        try write(Self.path("checkpoint", of: Self.other))
        try write(Self.path("network.safetensors.partial", of: Self.other))
        try write("runs/dead.json")
        try write("notes.txt")
        try write("records/zz")
        try write("records/ab/stray")
        try write("latest/mine.json", "{}")
        let expected = [
            "foreign notes.txt: is not a file of the store",
            "damaged latest/mine.json: is not what was written",
            "foreign records/zz: is not a file of the store",
            "foreign records/ab/stray: is not a file of the store",
            "damaged \(Self.path("").dropLast()): 'network.safetensors' has changed since it was written",
            "damaged \(Self.path("checkpoint", of: Self.other)): is not what was written",
            "leftover \(Self.path("network.safetensors.partial", of: Self.other)): is the beginning of a file that a "
                + "killed run did not finish",
            "leftover runs/dead.json: is the claim of a run that is no more",
        ]
        #expect(try faults().sorted() == expected.sorted())
    }

    @Test func `what a stage that is going on writes is no fault`() throws {
        try write(Self.path("checkpoint.partial", of: Self.other))
        var lock: FileLock? = try store.lock(Self.other) { throw GaveUp() }
        #expect(try faults() == [])
        #expect(lock != nil)
        lock = nil
        #expect(try faults().count == 1)
    }

    @Test func `a listing tells states by names and sizes`() throws {
        func listed() throws -> [String: RecordState] {
            Dictionary(
                try store.inventory().map { ($0.kind, $0.state) }, uniquingKeysWith: { first, _ in first })
        }
        #expect(try listed() == ["prune": .complete, "": .started])
        #expect(store.uses()[Self.key]?.map { "\($0.recipe)/\($0.stage)" } == ["road/prune"])
        try write(Self.path("network.safetensors"), "short")
        #expect(try listed()[""] != nil)
        let states = try store.inventory().map(\.state)
        #expect(states.contains(.damaged("'network.safetensors' has 5 bytes instead of 7")))
        #expect(states.contains(.started))
    }

    @Test(arguments: ["record.json", "network.safetensors", "checkpoint"])
    func `a folder in the place of a file is damage, and clearing removes it`(name: String) throws {
        let key = name == "checkpoint" ? Self.other : Self.key
        let path = "\(folder.path)/\(Self.path(name, of: key))"
        try FileManager.default.removeItem(atPath: path)
        try write(Self.path(name, of: key) + "/inside")
        #expect(try store.state(of: key) == .damaged("'\(name)' is a folder"))
        if name == "checkpoint" { #expect(try store.checkpoint(of: key) == .damaged) }
        try store.clear(key)
        #expect(try store.state(of: key) == .absent)
    }

    @Test func `a folder in the place of a lock is told with its remedy`() throws {
        let path = "\(folder.path)/\(Self.path("lock"))"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let error = try #require(throws: StoreError.self) { try store.lock(Self.key) { throw GaveUp() } }
        #expect(
            error.message == "'\(path)' is a folder, expected a file: remove the folder and run the same command again")
    }
}
