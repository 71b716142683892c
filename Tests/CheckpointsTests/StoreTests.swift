import Checkpoints
import Documents
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct StoreTests {
    let folder: TemporaryFolder
    let store: Store

    static let ingredients: JSONValue = [
        "kind": "prune", "implementation": 1, "options": ["MaxToPrune": 2], "reads": [],
    ]
    static let key = StageKey(ingredients: ingredients)
    static let outputs = ["network.safetensors": Data("weights".utf8), "other.bin": Data([0, 1, 2])]

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(at: folder.path + "/store")
    }

    static func record() -> Record {
        Record(
            key: key, ingredients: ingredients, result: ["accuracy": 0.5, "epochs": .number(3), "big": 1e17],
            requirementsMet: false, outputs: outputs)
    }

    func save() throws {
        try store.prepare()
        let lock = try store.lock(Self.key) { Issue.record("the lock is free") }
        try store.save(Self.record(), outputs: Self.outputs)
        withExtendedLifetime(lock) {}
    }

    func found() throws -> Record? {
        if case .complete(let record) = try store.lookUp(Self.key) { record } else { nil }
    }

    func path(_ name: String) -> String { store.folder(of: Self.key) + "/" + name }

    @Test func `a record is read back as it was saved`() throws {
        try save()
        let record = try #require(try found())
        #expect(record == Self.record())
        #expect(record.kind == "prune")
        #expect(!record.requirementsMet)
        #expect(try store.output("network.safetensors", of: record) == Data("weights".utf8))
        #expect(try store.state(of: Self.key) == .complete)
    }

    @Test(arguments: [true, false])
    func `a record is forced to the disk in its order, if it is worth that`(durably: Bool) throws {
        let files = FaultyFileSystem()
        let store = try Store(at: folder.path + "/forced", fileSystem: files)
        try store.prepare()
        let prepared = files.forced.count
        let lock = try store.lock(Self.key) { Issue.record("the lock is free") }
        try store.save(Self.record(), outputs: Self.outputs, durably: durably)
        withExtendedLifetime(lock) {}
        let names = files.forced[prepared...].map { $0.replacing(store.folder(of: Self.key), with: "") }
        let all = ["/network.safetensors.partial", "/other.bin.partial", "/record.json.partial", ""]
        #expect(names == (durably ? all : []))
        #expect(try store.state(of: Self.key) == .complete)
    }

    @Test func `opening a store writes nothing`() throws {
        #expect(try store.state(of: Self.key) == .absent)
        #expect(store.latestIngredients(recipe: "a", stage: "b") == nil)
        #expect(try folder.files().isEmpty)
    }

    @Test func `a record has the layout that the page says`() throws {
        try save()
        let key = Self.key.description
        #expect(
            try folder.files(below: "store").keys.sorted() == [
                "format.json", "lock",
                "records/\(key.prefix(2))/\(key)/lock", "records/\(key.prefix(2))/\(key)/network.safetensors",
                "records/\(key.prefix(2))/\(key)/other.bin", "records/\(key.prefix(2))/\(key)/record.json",
            ])
    }

    @Test func `every flipped bit of a record is noticed`() throws {
        try save()
        for name in ["record.json", "network.safetensors", "other.bin"] {
            let whole = try Data(contentsOf: URL(filePath: path(name)))
            for position in whole.indices {
                var damaged = whole
                damaged[position] ^= 1
                try damaged.write(to: URL(filePath: path(name)))
                switch try store.lookUp(Self.key) {
                case .damaged: continue
                case .complete(let record):
                    // White space between tokens may change without harm.
                    #expect(record == Self.record(), "\(name) at \(position)")
                    #expect(name == "record.json" && whole[position] <= 32, "\(name) at \(position)")
                case .absent, .started: Issue.record("\(name) at \(position) is not noticed")
                }
            }
            try whole.write(to: URL(filePath: path(name)))
        }
        #expect(try found() == Self.record())
    }

    @Test func `damage is told apart`() throws {
        try save()
        func state(_ name: String, _ data: Data?) throws -> RecordState {
            let whole = try Data(contentsOf: URL(filePath: path(name)))
            defer { try? whole.write(to: URL(filePath: path(name))) }
            try FileManager.default.removeItem(atPath: path(name))
            try data?.write(to: URL(filePath: path(name)))
            return try store.state(of: Self.key)
        }
        #expect(try state("other.bin", nil) == .damaged("'other.bin' is missing"))
        #expect(try state("other.bin", Data([0])) == .damaged("'other.bin' has 1 bytes instead of 3"))
        #expect(try state("other.bin", Data([9, 9, 9])) == .damaged("'other.bin' has changed since it was written"))
        #expect(try state("record.json", Data("{".utf8)) == .damaged("'record.json' is not what was written"))
        #expect(try state("record.json", Data("{}".utf8)) == .damaged("'record.json' is not what was written"))
        #expect(try state("record.json", nil) == .absent)
    }

    @Test func `a changed output is not handed out`() throws {
        try save()
        try Data("waights".utf8).write(to: URL(filePath: path("network.safetensors")))
        let error = try #require(throws: StoreError.self) {
            try store.output("network.safetensors", of: Self.record())
        }
        #expect(error.code == .damaged)
        #expect(
            error.description == "the stored output 'network.safetensors' of a 'prune' stage has changed since it was "
                + "written: run the same command again, and it is made again")
        let unknown = try #require(throws: StoreError.self) { try store.output("x", of: Self.record()) }
        #expect(
            unknown.description == "the stored output 'x' of a 'prune' stage does not exist: run the same command "
                + "again, and it is made again")
    }

    @Test func `clearing keeps a record that is to be replaced, and nothing else`() throws {
        try save()
        try store.save(InnerCheckpoint(data: Data([1]), instructionSet: "avx2"), for: Self.key)
        try Data().write(to: URL(filePath: path("other.bin.partial")))
        try store.clear(Self.key, keeping: Self.record())
        #expect(try found() == Self.record())
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: path("")).sorted() == [
                "lock", "network.safetensors", "other.bin", "record.json",
            ])
    }

    @Test func `clearing keeps the lock, and the checkpoint if asked`() throws {
        try save()
        try store.save(InnerCheckpoint(data: Data([1]), instructionSet: "avx2"), for: Self.key)
        try Data().write(to: URL(filePath: path("network.safetensors.partial")))
        try store.clear(Self.key, andCheckpoint: true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path("")).sorted() == ["checkpoint", "lock"])
        #expect(try store.state(of: Self.key) == .started)
        try store.clear(Self.key)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path("")) == ["lock"])
        #expect(try store.state(of: Self.key) == .absent)
    }

    @Test func `a checkpoint is read back, and every flipped bit is noticed`() throws {
        try save()
        #expect(try store.checkpoint(of: Self.key) == .absent)
        let checkpoint = InnerCheckpoint(data: Data("epoch\n3".utf8), instructionSet: "avx2")
        try store.save(checkpoint, for: Self.key)
        #expect(try store.checkpoint(of: Self.key) == .found(checkpoint))
        let whole = try Data(contentsOf: URL(filePath: path("checkpoint")))
        for position in whole.indices {
            var damaged = whole
            damaged[position] ^= 0x10
            try damaged.write(to: URL(filePath: path("checkpoint")))
            let lookup = try store.checkpoint(of: Self.key)
            guard case .found(let found) = lookup else { continue }
            // Only the name of the instruction set is outside the digest; another one is refused, too.
            #expect(found.data == checkpoint.data && found.instructionSet != "avx2", "at \(position)")
        }
    }

    @Test func `the latest ingredients of a stage are kept by recipe and id`() throws {
        try store.prepare()
        store.noteLatest(Self.record(), recipe: "road", stage: "prune")
        #expect(store.latestIngredients(recipe: "road", stage: "prune") == Self.ingredients)
        #expect(store.latestIngredients(recipe: "road", stage: "prune2") == nil)
        #expect(store.latestIngredients(recipe: "roadprune", stage: "") == nil)
    }

    @Test func `the latest ingredients of a stage are kept by kind and what it read`() throws {
        let reads: JSONValue = [["role": "network", "key": .string(Self.key.description)]]
        var ingredients = Self.ingredients
        ingredients["reads"] = reads
        let record = Record(key: StageKey(ingredients: ingredients), ingredients: ingredients, result: [:])
        try store.prepare()
        store.noteLatest(record, recipe: "road", stage: "prune")
        #expect(store.latestIngredients(kind: "prune", reads: reads) == ingredients)
        #expect(store.latestIngredients(kind: "project", reads: reads) == nil)
        #expect(store.latestIngredients(kind: "prune", reads: []) == nil)
        #expect(store.uses()[record.key]?.map(\.recipe) == ["road"])
        #expect(try store.verify().faults == [])
    }

    @Test func `a reuse leaves the checkpoint of whoever makes the record again`() throws {
        try store.prepare()
        let lock = try store.lock(Self.key) { Issue.record("the lock is free") }
        try store.save(Self.record(), outputs: Self.outputs)
        try store.save(InnerCheckpoint(data: Data([1]), instructionSet: ""), for: Self.key)
        store.noteReuse(of: Self.key)
        withExtendedLifetime(lock) {}
        #expect(try store.checkpoint(of: Self.key) != .absent)
    }
}
