internal import Documents
internal import Planning

/// Something in a store that is not as pare leaves it.
package struct StoreFault: Hashable, Sendable {
    /// What kind of fault this is.
    package enum Kind: String, Sendable {
        /// It cannot be used; the next run that needs it makes it again.
        case damaged
        /// What a run that was killed left; the next run of its stage removes it.
        case leftover
        /// Nothing of pare's.
        case foreign
    }

    package let kind: Kind
    /// The file or folder, within the store.
    package let path: String
    package let message: String

    package init(kind: Kind, path: String, message: String) {
        self.kind = kind
        self.path = path
        self.message = message
    }
}

/// What a look at every byte of a store came to.
package struct StoreVerification: Hashable, Sendable {
    /// How many records are as they were written.
    package let intact: Int
    /// How many bytes there are under keys, as listing and cleaning count them.
    package let bytes: Int
    /// How many bytes the other files have: notes, claims, and what is not of the store.
    package let otherBytes: Int
    /// What is not as it should be, by path.
    package let faults: [StoreFault]

    package init(intact: Int, bytes: Int, otherBytes: Int, faults: [StoreFault]) {
        self.intact = intact
        self.bytes = bytes
        self.otherBytes = otherBytes
        self.faults = faults
    }

    /// Whether something is damaged.
    package var isDamaged: Bool { faults.contains { $0.kind == .damaged } }
}

extension Store {
    /// Whether the folder holds a store.
    package var exists: Bool {
        let proofs = ["format.json", "records"].map { "\(path)/\($0)" }
        return proofs.contains { ((try? files.status($0)) ?? nil) != nil }
    }

    /// Reads every file and compares it with what was written.
    ///
    /// - Throws: ``StoreError`` if a folder or a file cannot be read.
    package func verify() throws(StoreError) -> StoreVerification {
        var check = Check(store: self)
        try checked { () throws(FileError) in try check.everything() }
        return StoreVerification(
            intact: check.intact, bytes: check.bytes, otherBytes: check.otherBytes,
            faults: check.faults.sorted { $0.path < $1.path })
    }
}

// MARK: - Checking

/// A walk through a store.
private struct Check {
    let store: Store
    var intact = 0
    var bytes = 0
    var otherBytes = 0
    var faults: [StoreFault] = []

    private var files: any FileSystem { store.files }

    mutating func everything() throws(FileError) {
        for name in try files.list(store.path) {
            switch name {
            case "records", "latest", "runs": continue
            case "format.json", "lock": try count(name)
            default:
                try count(name)
                stranger(name)
            }
        }
        for group in try files.list(store.path + "/records") {
            for name in try entries("records/\(group)") ?? [] {
                let path = "records/\(group)/\(name)"
                if let key = StageKey(hex: name), name.hasPrefix(group) {
                    try record(key, at: path)
                } else {
                    try count(path)
                    stranger(path)
                }
            }
        }
        for name in try files.list(store.path + "/latest") { try note("latest/\(name)") }
        for name in try files.list(store.path + "/runs") { try claim("runs/\(name)") }
    }

    private mutating func record(_ key: StageKey, at path: String) throws(FileError) {
        guard let names = try entries(path) else { return }
        for name in names { bytes += try size("\(path)/\(name)") }
        var known: Set = ["lock", "checkpoint"]
        let lookup: Store.Lookup
        do throws(StoreError) { lookup = try store.lookUp(key) } catch {
            return report(.damaged, path, error.message)
        }
        switch lookup {
        case .complete(let record):
            intact += 1
            known.formUnion(record.outputs.map(\.name) + ["record.json"])
        case .damaged(let reason):
            report(.damaged, path, reason)
            known.formUnion(names)
        // A stage that is going on, or was stopped, may have left anything.
        case .absent, .started: known.formUnion(names.filter { !$0.hasSuffix(Store.partial) })
        }
        if (try? store.checkpoint(of: key)) == .damaged {
            report(.damaged, "\(path)/checkpoint", "is not what was written")
        }
        let isGoingOn = names.contains { !known.contains($0) } && isLocked("\(path)/lock")
        for name in names where !known.contains(name) && !isGoingOn { stranger("\(path)/\(name)") }
    }

    private mutating func note(_ path: String) throws(FileError) {
        try count(path)
        if path.hasSuffix(Store.partial) { return stranger(path) }
        let document = (try? files.read("\(store.path)/\(path)")).flatMap { $0 }.flatMap { try? JSONValue(parsing: $0) }
        guard let document, store.isNote(document, at: "\(store.path)/\(path)") else {
            return report(.damaged, path, "is not what was written")
        }
    }

    private mutating func claim(_ path: String) throws(FileError) {
        try count(path)
        if !isLocked(path) { report(.leftover, path, "is the claim of a run that is no more") }
    }
}

extension Check {
    /// The names in a folder; a file in its place is reported.
    private mutating func entries(_ path: String) throws(FileError) -> [String]? {
        guard try files.status("\(store.path)/\(path)")?.isFolder == true else {
            try count(path)
            stranger(path)
            return nil
        }
        return try files.list("\(store.path)/\(path)")
    }

    /// The bytes of a file; a folder has none of its own.
    private func size(_ path: String) throws(FileError) -> Int {
        let status = try files.status("\(store.path)/\(path)")
        return status?.isFolder == false ? status?.size ?? 0 : 0
    }

    private mutating func count(_ path: String) throws(FileError) { otherBytes += try size(path) }

    private mutating func stranger(_ path: String) {
        if path.hasSuffix(Store.partial) {
            report(.leftover, path, "is the beginning of a file that a killed run did not finish")
        } else {
            report(.foreign, path, "is not a file of the store")
        }
    }

    private func isLocked(_ path: String) -> Bool {
        guard let lock = try? files.lock("\(store.path)/\(path)") else { return true }
        withExtendedLifetime(lock) {}
        return false
    }

    private mutating func report(_ kind: StoreFault.Kind, _ path: String, _ message: String) {
        faults.append(StoreFault(kind: kind, path: path, message: message))
    }
}
