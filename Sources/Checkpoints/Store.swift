package import Documents
package import Foundation
package import Planning

/// What stages made, by the keys of what they were made from.
///
/// ```
/// format.json                       the format of the store
/// records/ab/<64 hex>/record.json   written last: the proof that the stage is done
///                     <outputs>     such as network.safetensors
///                     checkpoint    while the stage runs, or after it was stopped
///                     lock          held by whoever makes the record
/// runs/<name>.json                  the keys that a run in progress needs; locked by it
/// lock                              held while a run registers and while records are removed
/// latest/<64 hex>.json              what a stage was last made from, by its recipe and id, and by its kind and what
///                                   it read; lets a plan say what changed
/// ```
///
/// Every file appears under its name only when it is whole. All but the records may be lost without harm.
package struct Store: Sendable {
    /// The folder of the store.
    package let path: String
    let files: any FileSystem
    /// What keeps the records that a run needs, as long as the run has this value.
    var registration: RunRegistration?

    /// The format that this program reads and writes.
    package static let format = 1

    /// Opens a store; nothing is written before ``prepare()``.
    ///
    /// - Throws: ``StoreError`` with code ``StoreError/Code/newerFormat`` or ``StoreError/Code/notAStore`` if this
    ///   program cannot read the store.
    package init(at path: String, fileSystem: any FileSystem = DiskFileSystem()) throws(StoreError) {
        self.path = path
        files = fileSystem
        guard let data = try checked({ () throws(FileError) in try files.read(path + "/format.json") }) else { return }
        guard let format = try? JSONValue(parsing: data)["format"]?.whole else { throw .notAStore(path) }
        guard format <= Self.format else { throw .newerFormat(format, known: Self.format, in: path) }
    }

    /// Creates the folders of the store.
    ///
    /// - Parameter wait: Called each time the lock of a new store is found taken, as by another runner that creates it
    ///   at this moment; it sleeps for a while, and throws to give up.
    /// - Throws: ``StoreError`` if the store cannot be written, and what `wait` throws.
    package func prepare(wait: () throws -> Void = { usleep(1000) }) throws {
        try checked { () throws(FileError) in
            try files.createFolder(path + "/records")
            try files.createFolder(path + "/latest")
        }
        let formatPath = path + "/format.json"
        guard try checked({ () throws(FileError) in try files.read(formatPath) }) == nil else { return }
        let lock = try lock(in: path, wait: wait)
        defer { withExtendedLifetime(lock) {} }
        let format: JSONValue = ["format": .integer(Self.format)]
        try checked { () throws(FileError) in
            try write(Data(format.prettyText.utf8), to: formatPath, durably: true)
        }
    }
}

// MARK: - Reading records

extension Store {
    /// What is stored for a key.
    package enum Lookup: Sendable {
        /// Nothing.
        case absent
        /// An inner checkpoint only.
        case started
        /// A record whose outputs are all as their digests say.
        case complete(Record)
        /// A record that cannot be used, and why.
        case damaged(String)

        /// The same without the record.
        var state: RecordState {
            switch self {
            case .absent: .absent
            case .started: .started
            case .complete: .complete
            case .damaged(let reason): .damaged(reason)
            }
        }
    }

    /// Reads the record of a key and verifies every output.
    package func lookUp(_ key: StageKey) throws(StoreError) -> Lookup {
        try lookUp(key) { output, folder throws(FileError) in try damage(of: output, in: folder).damage }
    }

    /// Reads the record of a key, with a check of each output that says what is wrong with it.
    func lookUp(
        _ key: StageKey, check: (_ output: Record.Output, _ folder: String) throws(FileError) -> String?
    ) throws(StoreError) -> Lookup {
        try checked { () throws(FileError) in
            let folder = folder(of: key)
            do throws(FileError) {
                guard let data = try files.read(folder + "/record.json") else {
                    return try files.read(folder + "/checkpoint") == nil ? .absent : .started
                }
                guard let document = try? JSONValue(parsing: data), let record = Record(document: document, key: key)
                else { return .damaged("'record.json' is not what was written") }
                for output in record.outputs {
                    if let damage = try check(output, folder) { return .damaged("'\(output.name)' \(damage)") }
                }
                return .complete(record)
            } catch  where error.isFolder {
                return .damaged("'\(error.path.dropFirst(folder.count + 1))' is a folder")
            }
        }
    }

    /// The bytes of an output of a record.
    ///
    /// - Throws: ``StoreError`` with code ``StoreError/Code/damaged`` if they are not those that were stored.
    package func output(_ name: String, of record: Record) throws(StoreError) -> Data {
        guard let output = record.outputs.first(where: { $0.name == name }) else {
            throw .damagedOutput(name, of: record.kind, "does not exist")
        }
        let (data, damage) = try checked { () throws(FileError) in
            try self.damage(of: output, in: folder(of: record.key))
        }
        if let damage { throw .damagedOutput(name, of: record.kind, damage) }
        return data
    }

    private func damage(
        of output: Record.Output, in folder: String
    ) throws(FileError) -> (data: Data, damage: String?) {
        guard let data = try files.read(folder + "/" + output.name) else { return (Data(), "is missing") }
        guard data.count == output.size else { return (data, "has \(data.count) bytes instead of \(output.size)") }
        return (data, Digest(of: data) == output.digest ? nil : "has changed since it was written")
    }
}

// MARK: - Making records

extension Store {
    /// Takes the lock of a key, waiting while another runner holds it.
    ///
    /// `wait` is called each time the lock is found taken; it sleeps for a while, and throws to give up.
    package func lock(_ key: StageKey, wait: () throws -> Void) throws -> FileLock {
        try lock(in: folder(of: key), wait: wait)
    }

    /// Takes the lock of a folder, which is created if needed.
    func lock(in folder: String, wait: () throws -> Void) throws -> FileLock {
        while true {
            let lock = try checked { () throws(FileError) -> FileLock? in
                try files.createFolder(folder)
                do throws(FileError) {
                    return try files.lock(folder + "/lock")
                } catch  where error.number == ENOENT {
                    // Whoever removes records took the folder away again.
                    return nil
                }
            }
            if let lock { return lock }
            try wait()
        }
    }

    /// Removes what dead runs left under a key, and a record that cannot be used; the caller holds the lock.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - record: A record that stays until another takes its place.
    ///   - keepsCheckpoint: Whether the stage is to go on from its inner checkpoint.
    package func clear(
        _ key: StageKey, keeping record: Record? = nil, andCheckpoint keepsCheckpoint: Bool = false
    ) throws(StoreError) {
        try checked { () throws(FileError) in
            let folder = folder(of: key)
            var kept: Set = ["lock"]
            if keepsCheckpoint { kept.insert("checkpoint") }
            if let record { kept.formUnion(record.outputs.map(\.name) + ["record.json"]) }
            let names = try files.list(folder).filter { !kept.contains($0) }
            // The proof goes before what it proves.
            for name in names.filter({ $0 == "record.json" }) + names.filter({ $0 != "record.json" }) {
                try files.remove(folder + "/" + name)
            }
        }
    }

    /// Stores what a stage made; the caller holds the lock of the key.
    ///
    /// The outputs are written before the record is; the inner checkpoint goes last.
    ///
    /// - Parameters:
    ///   - record: What the stage made.
    ///   - outputs: The bytes of the record's outputs.
    ///   - durably: Whether the files are forced to the disk, each before the next is written. It saves work at a power
    ///     cut, and nothing else: a record that one tears is noticed by its digests and made again.
    /// - Throws: ``StoreError`` if the files cannot be written.
    package func save(_ record: Record, outputs: [String: Data], durably: Bool = true) throws(StoreError) {
        precondition(record.outputs.map(\.name) == outputs.keys.sorted(), "a record of other outputs")
        try checked { () throws(FileError) in
            let folder = folder(of: record.key)
            for (name, data) in outputs.sorted(by: { $0.key < $1.key }) {
                precondition(Self.isOutputName(name), "'\(name)' cannot be the name of an output")
                try write(data, to: folder + "/" + name, durably: durably)
            }
            let document = Data(record.document.prettyText.utf8)
            try write(document, to: folder + "/record.json", durably: durably)
            if durably { try files.synchronizeFolder(folder) }
            try files.remove(folder + "/checkpoint")
        }
    }

    private static func isOutputName(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix(".") && !name.contains("/") && !name.hasSuffix(partial)
            && !["record.json", "checkpoint", "lock"].contains(name)
    }
}

// MARK: - Inner checkpoints

extension Store {
    /// What a stage that was stopped left.
    package enum CheckpointLookup: Hashable, Sendable {
        /// Nothing.
        case absent
        /// A whole checkpoint.
        case found(InnerCheckpoint)
        /// Bytes that are not what was written.
        case damaged
    }

    /// Reads the inner checkpoint of a key.
    package func checkpoint(of key: StageKey) throws(StoreError) -> CheckpointLookup {
        try checked { () throws(FileError) in
            do throws(FileError) {
                guard let data = try files.read(folder(of: key) + "/checkpoint") else { return .absent }
                return InnerCheckpoint(encoded: data).map { .found($0) } ?? .damaged
            } catch  where error.isFolder {
                return .damaged
            }
        }
    }

    /// Stores the inner checkpoint of a key in place of the one before; the caller holds the lock of the key.
    package func save(_ checkpoint: InnerCheckpoint, for key: StageKey) throws(StoreError) {
        try checked { () throws(FileError) in
            try write(checkpoint.encoded, to: folder(of: key) + "/checkpoint", durably: true)
        }
    }
}

// MARK: - Reuse

extension Store {
    /// Notes that a complete record is used again, and removes the inner checkpoint that a run left beside it which
    /// died just before its end.
    ///
    /// Whoever holds the lock is making the record again and needs its checkpoint. A failure does not matter.
    package func noteReuse(of key: StageKey) {
        let folder = folder(of: key)
        try? files.touch(folder + "/record.json")
        guard (try? files.status(folder + "/checkpoint")) != nil, let lock = try? files.lock(folder + "/lock")
        else { return }
        defer { withExtendedLifetime(lock) {} }
        try? files.remove(folder + "/checkpoint")
    }
}

// MARK: - What was last made

extension Store: Holdings {
    package func state(of key: StageKey) throws -> RecordState { try lookUp(key).state }

    package func latestIngredients(recipe: String, stage: String) -> JSONValue? {
        latestIngredients(at: latestPath([.string(recipe), .string(stage)]))
    }

    package func latestIngredients(kind: String, reads: JSONValue) -> JSONValue? {
        latestIngredients(at: latestPath([.string(kind), reads]))
    }

    private func latestIngredients(at path: String) -> JSONValue? {
        // A note that is not what was written tells nothing.
        guard let data = try? files.read(path), let note = try? JSONValue(parsing: data), isNote(note, at: path)
        else { return nil }
        return note["ingredients"]
    }

    /// Notes what a stage of a recipe was made from, for later plans: under its name, and under what it read.
    ///
    /// It only explains, so a failure to write it is no failure of the run.
    package func noteLatest(_ record: Record, recipe: String, stage: String) {
        let origin: JSONValue = ["key": .string(record.key.description), "ingredients": record.ingredients]
        var named = origin
        named["recipe"] = .string(recipe)
        named["stage"] = .string(stage)
        for note in [named, origin] {
            guard let path = latestPath(of: note) else { continue }
            let data = Data(note.prettyText.utf8)
            if let present = try? files.read(path), present == data { continue }
            try? write(data, to: path, durably: false)
        }
    }

    /// Whether a document is a note, and the one that belongs at a path.
    func isNote(_ document: JSONValue, at path: String) -> Bool {
        guard let ingredients = document["ingredients"] else { return false }
        return path == latestPath(of: document)
            && document["key"]?.text == StageKey(ingredients: ingredients).description
    }

    /// Where a note belongs: by its recipe and stage if it names them, else by its kind and what it read.
    ///
    /// What reads nothing is not found by what it read.
    private func latestPath(of note: JSONValue) -> String? {
        if let recipe = note["recipe"], let stage = note["stage"] { return latestPath([recipe, stage]) }
        guard let kind = note["ingredients"]?["kind"], let reads = note["ingredients"]?["reads"], reads != [] else {
            return nil
        }
        return latestPath([kind, reads])
    }

    private func latestPath(_ name: JSONValue) -> String { "\(path)/latest/\(Digest(of: name).hex).json" }
}

// MARK: - Files

extension Store {
    /// The end of the name of a file that is not whole yet.
    static let partial = ".partial"

    /// The folder of a key's record.
    package func folder(of key: StageKey) -> String {
        "\(path)/records/\(key.description.prefix(2))/\(key)"
    }

    private func write(_ data: Data, to path: String, durably: Bool) throws(FileError) {
        do throws(FileError) {
            try files.write(data, to: path + Self.partial, durably: durably)
            try files.rename(path + Self.partial, to: path)
        } catch {
            // On a full disk its beginning takes up what space there is.
            try? files.remove(path + Self.partial)
            throw error
        }
    }

    func checked<Value>(_ body: () throws(FileError) -> Value) throws(StoreError) -> Value {
        do { return try body() } catch { throw StoreError(error) }
    }
}
