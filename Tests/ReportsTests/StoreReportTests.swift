import Checkpoints
import Documents
import Foundation
import Planning
import Reports
import TestSupport
import Testing

@Suite struct StoreReportTests {
    static let now = Date(timeIntervalSince1970: 1_000_000)

    static func record(
        _ kind: String, _ state: RecordState = .complete, bytes: Int = 2048, age: Double = 90
    ) -> StoredRecord {
        StoredRecord(
            key: StageKey(ingredients: ["kind": .string(kind)]), kind: state == .complete ? kind : "", state: state,
            bytes: bytes, lastUsed: now.addingTimeInterval(-age))
    }

    static let records = [
        record("load"), record("prune", bytes: 3 << 30, age: 300_000), record("train", .started, bytes: 100, age: 5),
        record("project", .damaged("'record.json' is not what was written")),
    ]

    @Test func `a listing shows what was used last first`() throws {
        let folder = try TemporaryFolder()
        let store = try Store(at: folder.path)
        try store.prepare()
        let load = StageKey(ingredients: ["kind": "load"])
        for recipe in ["d", "c", "b", "a"] {
            store.noteLatest(
                Record(key: load, ingredients: ["kind": "load"], result: [:]), recipe: recipe, stage: "load")
        }
        let listing = StoreListing(Self.records, uses: store.uses(), at: Self.now)
        #expect(
            listing.text == """
                key           kind   state        size  unused for  used by
                \(key("train"))         started     100 B       5.0 s
                \(key("project"))         damaged   2.0 KiB  1 min 30 s
                \(key("load"))  load   complete  2.0 KiB  1 min 30 s  a/load, b/load, c/load, and 1 more
                \(key("prune"))  prune  complete  3.0 GiB    3 d 11 h

                4 records (1 started, 1 damaged), 3.0 GiB

                """)
        let events = listing.events
        #expect(events.count == 5)
        #expect(events[1]["message"] == "'record.json' is not what was written")
        #expect(events[2]["usedBy"]?.elements?.count == 4)
        #expect(events[2]["lastUsed"] == "1970-01-12T13:45:10.000Z")
        #expect(
            events[4]
                == [
                    "event": "store.total", "records": 4, "bytes": .integer(3 << 30 + 4196), "damaged": 1,
                    "started": 1,
                ])
    }

    @Test func `an empty store`() {
        #expect(StoreListing([], uses: [:], at: Self.now).text == "0 records, 0 B\n")
    }

    private func key(_ kind: String) -> String {
        String(StageKey(ingredients: ["kind": .string(kind)]).description.prefix(12))
    }

    @Test(arguments: [(false, "removed", "kept"), (true, "would remove", "would keep")])
    func `cleaning says what went and what is left`(isDryRun: Bool, removed: String, kept: String) {
        let cleaning = Cleaning(
            removed: [Self.record("prune", bytes: 5 << 20, age: 90_000)], inUse: [Self.record("load")],
            left: [Self.record("load"), Self.record("train")])
        let report = CleaningReport(cleaning, isDryRun: isDryRun, at: Self.now)
        #expect(
            report.text == """
                key           kind      size  unused for
                \(key("prune"))  prune  5.0 MiB     1 d 1 h

                \(removed) 1 record, 5.0 MiB
                \(kept) 2 records, 4.0 KiB; runs in progress need 1 of them

                """)
        let event: JSONValue = isDryRun ? "store.removable" : "store.removed"
        #expect(report.events.map { $0["event"] } == [event, "store.cleaned"])
        #expect(report.events[1]["dryRun"] == .boolean(isDryRun))
    }

    @Test func `verification tells each fault`() {
        let verification = StoreVerification(
            intact: 3, bytes: 2048, otherBytes: 10,
            faults: [
                StoreFault(kind: .damaged, path: "records/ab", message: "'record.json' is not what was written"),
                StoreFault(kind: .foreign, path: "x", message: "is not a file of the store"),
            ])
        let report = VerificationReport(verification)
        #expect(
            report.text == """
                fault    file        what is wrong
                damaged  records/ab  'record.json' is not what was written
                foreign  x           is not a file of the store

                3 records intact, 2.0 KiB in records, 10 B besides
                what is damaged is made again by the next run that needs it

                """)
        #expect(
            report.events.last
                == [
                    "event": "store.verified", "intact": 3, "bytes": 2048, "otherBytes": 10, "damaged": 1,
                    "leftover": 0, "foreign": 1,
                ])
        #expect(
            VerificationReport(StoreVerification(intact: 1, bytes: 10, otherBytes: 0, faults: [])).text
                == "1 record intact, 10 B in records, 0 B besides\n")
    }
}
