package import Foundation
package import Planning

/// What is to be removed from a store.
///
/// A limit says what goes; what is kept stays, whatever the limits say. Without a limit nothing goes.
package struct CleaningRules: Hashable, Sendable {
    /// What was not used for so many seconds goes.
    package var maximumAge: Double?
    /// Until the records have no more bytes than these, what was used least recently goes.
    package var maximumBytes: Int?
    /// What stays.
    package var kept: Set<StageKey>

    package init(maximumAge: Double? = nil, maximumBytes: Int? = nil, kept: Set<StageKey> = []) {
        self.maximumAge = maximumAge
        self.maximumBytes = maximumBytes
        self.kept = kept
    }

    /// The records that go, least recently used first.
    ///
    /// - Parameters:
    ///   - records: All that the store holds.
    ///   - date: The present time.
    package func removals(among records: [StoredRecord], at date: Date) -> [StoredRecord] {
        let candidates = records.filter { !kept.contains($0.key) }
            .sorted { ($0.lastUsed, $0.key.description) < ($1.lastUsed, $1.key.description) }
        var bytes = records.reduce(0) { $0 + $1.bytes }
        return candidates.filter { record in
            let isOld = maximumAge.map { date.timeIntervalSince(record.lastUsed) > $0 } ?? false
            guard isOld || bytes > maximumBytes ?? .max else { return false }
            bytes -= record.bytes
            return true
        }
    }
}
