package import Checkpoints
package import Documents
package import Foundation
package import Planning

/// What a store holds, for `pare store ls`.
package struct StoreListing: Sendable {
    private let records: [StoredRecord]
    private let uses: [StageKey: [RecordUse]]
    private let date: Date
    private let style: TextStyle

    /// - Parameters:
    ///   - records: What the store holds.
    ///   - uses: Which stages used which record last.
    ///   - date: The present time.
    ///   - style: Whether to colour.
    package init(
        _ records: [StoredRecord], uses: [StageKey: [RecordUse]], at date: Date, style: TextStyle = TextStyle()
    ) {
        self.records = records.sorted { ($1.lastUsed, $0.key.description) < ($0.lastUsed, $1.key.description) }
        self.uses = uses
        self.date = date
        self.style = style
    }

    /// A table, what was used last first, and the totals.
    package var text: String {
        var table = TextTable([
            .init("key"), .init("kind"), .init("state"), .init("size", isNumeric: true),
            .init("unused for", isNumeric: true), .init("used by"),
        ])
        for record in records {
            table.append([
                .init(String(record.key.description.prefix(12))), .init(record.kind),
                .init(record.state.word, record.state.tone), .init(record.bytes.byteCount),
                .init(max(0, date.timeIntervalSince(record.lastUsed)).duration), .init(users(of: record)),
            ])
        }
        let lines = records.isEmpty ? [] : table.lines(style) + [""]
        return (lines + [totals]).map { $0 + "\n" }.joined()
    }

    /// One event for each record, and one with the totals.
    package var events: [JSONValue] {
        records.map { record in
            var event = record.json(event: "store.record")
            event["usedBy"] = .array(
                (uses[record.key] ?? []).map { ["recipe": .string($0.recipe), "stage": .string($0.stage)] })
            return event
        } + [
            [
                "event": "store.total", "records": .integer(records.count), "bytes": .integer(records.bytes),
                "damaged": .integer(damaged), "started": .integer(started),
            ]
        ]
    }

    private var damaged: Int { records.count { $0.state.word == "damaged" } }
    private var started: Int { records.count { $0.state.word == "started" } }

    private var totals: String {
        let parts = [
            started == 0 ? "" : "\(started.grouped) started", damaged == 0 ? "" : "\(damaged.grouped) damaged",
        ].filter { !$0.isEmpty }
        let details = parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
        return "\(records.count.of("record"))\(details), \(records.bytes.byteCount)"
    }

    private func users(of record: StoredRecord) -> String {
        let all = (uses[record.key] ?? []).map { "\($0.recipe)/\($0.stage)" }
        let rest = all.count > 3 ? ["and \((all.count - 3).grouped) more"] : []
        return (all.prefix(3) + rest).joined(separator: ", ")
    }
}

// MARK: - What records look like

extension StoredRecord {
    /// The record as an event.
    func json(event: String) -> JSONValue {
        var json: JSONValue = [
            "event": .string(event), "key": .string(key.description), "kind": kind.isEmpty ? .null : .string(kind),
            "state": .string(state.word), "bytes": .integer(bytes),
            "lastUsed": .string(lastUsed.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
        ]
        if case .damaged(let reason) = state { json["message"] = .string(reason) }
        return json
    }
}

extension RecordState {
    /// The state in a word; of a key under which nothing was made yet `started`, too.
    var word: String {
        switch self {
        case .absent, .started: "started"
        case .complete: "complete"
        case .damaged: "damaged"
        }
    }

    fileprivate var tone: TextStyle.Tone? {
        switch self {
        case .absent, .started: .warning
        case .complete: nil
        case .damaged: .bad
        }
    }
}

extension [StoredRecord] {
    /// The bytes of all.
    var bytes: Int { reduce(0) { $0 + $1.bytes } }
}
