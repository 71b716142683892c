package import Foundation
internal import Planning

/// What cleaning did, or would do.
package struct Cleaning: Hashable, Sendable {
    /// What was removed, in this order.
    package let removed: [StoredRecord]
    /// What stayed because a run in progress needs it, whatever the rules say of it.
    package let inUse: [StoredRecord]
    /// What is left.
    package let left: [StoredRecord]

    package init(removed: [StoredRecord], inUse: [StoredRecord], left: [StoredRecord]) {
        self.removed = removed
        self.inUse = inUse
        self.left = left
    }
}

extension Store {
    /// Removes records by rules, but none that a run in progress needs.
    ///
    /// The store's lock is held meanwhile: a run that starts now waits until the end, and then plans with what is left.
    ///
    /// - Parameters:
    ///   - rules: What is to go.
    ///   - date: The present time.
    ///   - dryRun: Whether to remove nothing and only say what would be. It does without the lock where the store
    ///     cannot be written.
    ///   - wait: Called each time the store's lock is found taken; it sleeps for a while, and throws to give up.
    /// - Throws: ``StoreError`` if a file cannot be read or removed, or if nobody knows what a run in progress needs;
    ///   and what `wait` throws.
    package func clean(
        _ rules: CleaningRules, at date: Date, dryRun: Bool = false, wait: () throws -> Void
    ) throws -> Cleaning {
        let storeLock: FileLock?
        do {
            storeLock = try lock(in: path, wait: wait)
        } catch let error as StoreError where dryRun && error.code == .notWritable {
            storeLock = nil
        }
        defer { withExtendedLifetime(storeLock) {} }
        let needed = try neededKeys()
        var rules = rules
        rules.kept.formUnion(needed)
        let records = try inventory()
        let removed = try rules.removals(among: records, at: date).filter { try dryRun || remove($0.key) }
        let gone = Set(removed.map(\.key))
        return Cleaning(
            removed: removed, inUse: records.filter { needed.contains($0.key) },
            left: records.filter { !gone.contains($0.key) })
    }

    /// Removes all that is under a key, unless somebody is making its record; the caller holds the store's lock.
    func remove(_ key: StageKey) throws(StoreError) -> Bool {
        try checked { () throws(FileError) in
            let folder = folder(of: key)
            guard let lock = try files.lock(folder + "/lock") else { return false }
            defer { withExtendedLifetime(lock) {} }
            // The proof goes before what it proves.
            try files.remove(folder + "/record.json")
            try files.remove(folder)
            return true
        }
    }
}
