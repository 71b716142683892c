package import Checkpoints
package import Documents

/// What is not as it should be in a store, for `pare store verify`.
package struct VerificationReport: Sendable {
    private let verification: StoreVerification
    private let style: TextStyle

    package init(_ verification: StoreVerification, style: TextStyle = TextStyle()) {
        self.verification = verification
        self.style = style
    }

    /// The faults by path, and the totals.
    package var text: String {
        var table = TextTable([.init("fault"), .init("file"), .init("what is wrong")])
        for fault in verification.faults {
            let tone: TextStyle.Tone = fault.kind == .damaged ? .bad : .faint
            table.append([.init(fault.kind.rawValue, tone), .init(fault.path), .init(fault.message)])
        }
        var lines = verification.faults.isEmpty ? [] : table.lines(style) + [""]
        lines.append(
            "\(verification.intact.of("record")) intact, \(verification.bytes.byteCount) in records, "
                + "\(verification.otherBytes.byteCount) besides")
        if verification.isDamaged { lines.append("what is damaged is made again by the next run that needs it") }
        return lines.map { $0 + "\n" }.joined()
    }

    /// One event for each fault, and one with the totals.
    package var events: [JSONValue] {
        func count(_ kind: StoreFault.Kind) -> JSONValue { .integer(verification.faults.count { $0.kind == kind }) }
        return verification.faults.map { fault in
            [
                "event": "store.fault", "fault": .string(fault.kind.rawValue), "path": .string(fault.path),
                "message": .string(fault.message),
            ]
        } + [
            [
                "event": "store.verified", "intact": .integer(verification.intact),
                "bytes": .integer(verification.bytes), "otherBytes": .integer(verification.otherBytes),
                "damaged": count(.damaged), "leftover": count(.leftover), "foreign": count(.foreign),
            ]
        ]
    }
}
