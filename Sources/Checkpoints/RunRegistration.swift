internal import Documents
internal import Foundation
package import Planning

/// A run's claim to the records of some keys: while it lives, they are not removed from the store.
///
/// It is a file of the store that the run keeps locked, so it ends with its process, however that dies.
final class RunRegistration: Sendable {
    private let path: String
    private let files: any FileSystem
    private let lock: FileLock

    init(path: String, files: any FileSystem, lock: FileLock) {
        self.path = path
        self.files = files
        self.lock = lock
    }

    // The lock is released after this.
    deinit { try? files.remove(path) }
}

// MARK: - Registering

extension Store {
    /// The store for a run, which claims the records of some keys before it looks which of them there are.
    ///
    /// While a copy of the returned value lives, nothing is removed that the run needs: whoever removes records holds
    /// the store's lock meanwhile, and a run registers under it. The folders of the store are created.
    ///
    /// - Parameters:
    ///   - keys: Every key of the run.
    ///   - wait: Called each time the store's lock is found taken; it sleeps for a while, and throws to give up.
    /// - Throws: ``StoreError`` if the store cannot be written, and what `wait` throws.
    package func claiming(_ keys: some Sequence<StageKey>, wait: () throws -> Void) throws -> Store {
        try prepare(wait: wait)
        let storeLock = try lock(in: path, wait: wait)
        defer { withExtendedLifetime(storeLock) {} }
        var store = self
        store.registration = try checked { () throws(FileError) in
            try files.createFolder(runsFolder)
            // What killed runs left is removed.
            _ = try liveRuns()
            while true {
                let path = "\(runsFolder)/\(UUID().uuidString.lowercased()).json"
                // Whoever verifies the store may try the lock of a new file at this moment; then another name serves.
                guard let lock = try files.lock(path) else { continue }
                let registration = RunRegistration(path: path, files: files, lock: lock)
                try files.write(Self.document(of: keys), to: path, durably: false)
                return registration
            }
        }
        return store
    }

    private static func document(of keys: some Sequence<StageKey>) -> Data {
        let list = JSONValue.array(Set(keys).map(\.description).sorted().map { .string($0) })
        let document: JSONValue = ["digest": .string(Digest(of: list).hex), "keys": list]
        return Data(document.prettyText.utf8)
    }
}

// MARK: - Who is registered

extension Store {
    private var runsFolder: String { path + "/runs" }

    /// The files of the runs in progress.
    ///
    /// Those of dead runs are removed; one that cannot be written may be of a live run. The caller holds the store's
    /// lock.
    func liveRuns() throws(FileError) -> [String] {
        var live: [String] = []
        for name in try files.list(runsFolder) {
            let path = runsFolder + "/" + name
            if let lock = try lockOfRun(path) {
                // Nobody held it: its run is no more.
                try files.remove(path)
                withExtendedLifetime(lock) {}
            } else {
                live.append(path)
            }
        }
        return live
    }

    /// The lock of a run that is no more; `nil` if the run lives, or if the file is not for us to write.
    private func lockOfRun(_ path: String) throws(FileError) -> FileLock? {
        do throws(FileError) { return try files.lock(path) } catch  where error.isRefused { return nil }
    }

    /// The keys that runs in progress need; the caller holds the store's lock.
    ///
    /// - Throws: ``StoreError`` with code ``StoreError/Code/damaged`` if the file of one of them is not what the run
    ///   wrote, so that nobody knows what it needs.
    func neededKeys() throws(StoreError) -> Set<StageKey> {
        var needed: Set<StageKey> = []
        for path in try checked(liveRuns) {
            guard let data = try checked({ () throws(FileError) in try files.read(path) }) else { continue }
            guard let document = try? JSONValue(parsing: data), let list = document["keys"],
                document["digest"]?.text == Digest(of: list).hex, let keys = list.elements
            else { throw .damagedRegistration(path) }
            needed.formUnion(keys.compactMap { $0.text.flatMap(StageKey.init(hex:)) })
        }
        return needed
    }
}
