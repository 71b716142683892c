internal import Documents
package import Foundation
package import Planning

/// What the store holds under one key.
package struct StoredRecord: Hashable, Sendable {
    package let key: StageKey
    /// The stage kind; empty if nothing tells it, as while the stage is only started.
    package let kind: String
    /// Whether the record is complete, by the names and sizes of its files.
    package let state: RecordState
    /// How many bytes its files have.
    package let bytes: Int
    /// When it was made or last reused.
    package let lastUsed: Date

    package init(key: StageKey, kind: String, state: RecordState, bytes: Int, lastUsed: Date) {
        self.key = key
        self.kind = kind
        self.state = state
        self.bytes = bytes
        self.lastUsed = lastUsed
    }
}

/// A stage of a recipe that was last made from, or found in, a record.
package struct RecordUse: Hashable, Sendable, Comparable {
    package let recipe: String
    package let stage: String

    package static func < (left: RecordUse, right: RecordUse) -> Bool {
        (left.recipe, left.stage) < (right.recipe, right.stage)
    }
}

// MARK: - Listing

extension Store {
    /// Everything under a key, sorted by key; outputs are not read.
    package func inventory() throws(StoreError) -> [StoredRecord] {
        var records: [StoredRecord] = []
        for key in try keys() {
            if let record = try stored(key) { records.append(record) }
        }
        return records
    }

    /// The keys under which there is a folder, sorted.
    func keys() throws(StoreError) -> [StageKey] {
        try checked { () throws(FileError) in
            var keys: [StageKey] = []
            for group in try folders(in: path + "/records") {
                keys += try folders(in: "\(path)/records/\(group)").filter { $0.hasPrefix(group) }
                    .compactMap(StageKey.init(hex:))
            }
            return keys
        }
    }

    /// Which stages used which record last.
    package func uses() -> [StageKey: [RecordUse]] {
        var uses: [StageKey: [RecordUse]] = [:]
        for name in (try? files.list(path + "/latest")) ?? [] {
            guard let data = try? files.read("\(path)/latest/\(name)"), let note = try? JSONValue(parsing: data),
                let key = note["key"]?.text.flatMap(StageKey.init(hex:)), let recipe = note["recipe"]?.text,
                let stage = note["stage"]?.text
            else { continue }
            uses[key, default: []].append(RecordUse(recipe: recipe, stage: stage))
        }
        return uses.mapValues { $0.sorted() }
    }

    /// What is under a key; `nil` if its folder went away meanwhile.
    private func stored(_ key: StageKey) throws(StoreError) -> StoredRecord? {
        let folder = folder(of: key)
        let lookup = try lookUp(key) { output, folder throws(FileError) in
            guard let status = try files.status(folder + "/" + output.name) else { return "is missing" }
            if status.isFolder { return "is a folder" }
            return status.size == output.size ? nil : "has \(status.size) bytes instead of \(output.size)"
        }
        return try checked { () throws(FileError) in
            var bytes = 0
            var changed: [String: Date] = [:]
            for name in try files.list(folder) {
                guard let status = try files.status(folder + "/" + name) else { continue }
                changed[name] = status.changed
                bytes += status.isFolder ? 0 : status.size
            }
            guard let lastUsed = changed["record.json"] ?? changed["checkpoint"] ?? changed.values.max() else {
                return nil
            }
            return StoredRecord(
                key: key, kind: lookup.kind, state: lookup.state, bytes: bytes, lastUsed: lastUsed)
        }
    }

    private func folders(in folder: String) throws(FileError) -> [String] {
        var folders: [String] = []
        for name in try files.list(folder) where try files.status(folder + "/" + name)?.isFolder == true {
            folders.append(name)
        }
        return folders
    }
}

extension Store.Lookup {
    fileprivate var kind: String { if case .complete(let record) = self { record.kind } else { "" } }
}
