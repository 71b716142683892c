package import Checkpoints
package import Documents
package import Foundation
internal import Planning

/// What cleaning a store did, or would do, for `pare store gc`.
package struct CleaningReport: Sendable {
    private let cleaning: Cleaning
    private let isDryRun: Bool
    private let date: Date
    private let style: TextStyle

    /// - Parameters:
    ///   - cleaning: What was removed.
    ///   - isDryRun: Whether nothing was removed, and this is what would be.
    ///   - date: The present time.
    ///   - style: Whether to colour.
    package init(_ cleaning: Cleaning, isDryRun: Bool, at date: Date, style: TextStyle = TextStyle()) {
        self.cleaning = cleaning
        self.isDryRun = isDryRun
        self.date = date
        self.style = style
    }

    /// What went, least recently used first, and what is left.
    package var text: String {
        var table = TextTable([
            .init("key"), .init("kind"), .init("size", isNumeric: true), .init("unused for", isNumeric: true),
        ])
        for record in cleaning.removed {
            table.append([
                .init(String(record.key.description.prefix(12))), .init(record.kind), .init(record.bytes.byteCount),
                .init(max(0, date.timeIntervalSince(record.lastUsed)).duration),
            ])
        }
        let removed = isDryRun ? "would remove" : "removed"
        let left = isDryRun ? "would keep" : "kept"
        let inUse = cleaning.inUse.isEmpty ? "" : "; runs in progress need \(cleaning.inUse.count.grouped) of them"
        let lines = [
            "\(removed) \(cleaning.removed.count.of("record")), \(cleaning.removed.bytes.byteCount)",
            "\(left) \(cleaning.left.count.of("record")), \(cleaning.left.bytes.byteCount)\(inUse)",
        ]
        return ((cleaning.removed.isEmpty ? [] : table.lines(style) + [""]) + lines).map { $0 + "\n" }.joined()
    }

    /// One event for each record that went, or would go, and one with the totals.
    package var events: [JSONValue] {
        cleaning.removed.map { $0.json(event: isDryRun ? "store.removable" : "store.removed") } + [
            [
                "event": "store.cleaned", "dryRun": .boolean(isDryRun), "removed": .integer(cleaning.removed.count),
                "removedBytes": .integer(cleaning.removed.bytes), "left": .integer(cleaning.left.count),
                "leftBytes": .integer(cleaning.left.bytes), "inUse": .integer(cleaning.inUse.count),
            ]
        ]
    }
}
