/// Diagnostics as they are collected: checking goes on after a fault, so that all are shown at once.
///
/// The same diagnostic twice (a fault in an anchored value, met again at its alias) is kept once.
package struct DiagnosticList: Sendable {
    private var collected: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []

    package init() {}

    package mutating func append(_ diagnostic: Diagnostic) {
        if seen.insert(diagnostic).inserted { collected.append(diagnostic) }
    }

    package mutating func append(contentsOf diagnostics: DiagnosticList) {
        for diagnostic in diagnostics.collected { append(diagnostic) }
    }
}

// MARK: - What was collected

extension DiagnosticList {
    package var isEmpty: Bool { collected.isEmpty }
    package var hasErrors: Bool { errorCount > 0 }
    package var errorCount: Int { collected.count { $0.severity == .error } }
    package var warningCount: Int { collected.count { $0.severity == .warning } }

    /// All diagnostics: the files in the order in which they first came up, by position within a file, and last
    /// those that have no place.
    package var sorted: [Diagnostic] {
        var ranks: [ObjectIdentifier: Int] = [:]
        for case let span? in collected.map(\.span) {
            let (file, rank) = (ObjectIdentifier(span.file), ranks.count)
            if ranks[file] == nil { ranks[file] = rank }
        }
        let keyed = collected.enumerated().map { order, diagnostic in
            (
                diagnostic,
                rank: diagnostic.span.flatMap { ranks[ObjectIdentifier($0.file)] } ?? ranks.count,
                start: diagnostic.span?.start ?? SourcePosition(line: 0, column: 0), order: order
            )
        }
        return keyed.sorted { ($0.rank, $0.start, $0.order) < ($1.rank, $1.start, $1.order) }.map(\.0)
    }

    /// How many there are, in words: `3 errors, 1 warning`.
    package var count: String {
        func words(_ count: Int, _ noun: String) -> String? {
            count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
        }
        return [words(errorCount, "error"), words(warningCount, "warning")].compactMap { $0 }.joined(separator: ", ")
    }
}
