internal import Documents
package import Sweeps

/// What came of a sweep, for the end of `pare sweep run` and for `pare sweep collect`.
package struct SweepReport: Sendable {
    private let result: SweepResult
    private let style: TextStyle

    package init(_ result: SweepResult, style: TextStyle = TextStyle()) {
        self.result = result
        self.style = style
    }

    /// A line for each point, the Pareto set, the best point, and what is missing.
    package var text: String {
        let blocks = [points, pareto, end].filter { !$0.isEmpty }
        return blocks.map { "\n" + $0.map { $0 + "\n" }.joined() }.joined()
    }

    private var points: [String] { table(of: result.points.map(\.number), withStatus: true) }

    private func table(of numbers: [Int], withStatus: Bool) -> [String] {
        let results = result.results
        var table = TextTable(
            [.init("point", isNumeric: true)] + result.options.map { .init($0) }
                + results.map { .init($0, isNumeric: true) } + [.init("memory", isNumeric: true), .init("")])
        for number in numbers {
            let point = result.points[number]
            let known = Self.known(point)
            let figures = results.map { path in known.first { $0.path == path }.map(Self.text) ?? "" }
            // The bytes have a column of their own if no result is the memory.
            let bytes = results.contains { $0.hasSuffix(".memory") } ? nil : point.memoryBytes
            table.append(
                ([String(number)] + result.options.map { SweepResult.value(of: $0, in: point) } + figures).map {
                    .init($0)
                } + [.init(bytes?.byteCount ?? ""), withStatus ? Self.status(of: point) : .init("")])
        }
        return table.lines(style)
    }

    private var pareto: [String] {
        guard let goal = result.goal, !result.pareto.isEmpty else { return [] }
        let heading = "Pareto set of \(goal) against memory:"
        return [style.text(heading, .strong)] + table(of: result.pareto, withStatus: false)
    }

    private var end: [String] {
        let words: [(SweepOutcome.Status, String)] = [
            (.done, "done"), (.failed, "failed"), (.unfinished, "unfinished"), (.missing, "missing"),
            (.outdated, "outdated"),
        ]
        let counts = words.map { status, word in (result.points.count { $0.status == status }, word) }
        var lines = [
            result.points.count.of("point") + ": "
                + counts.filter { $0.0 > 0 }.map { "\($0) \($1)" }.joined(separator: ", ")
        ]
        if result.points.contains(where: { $0.status == .outdated }) {
            lines.append("outdated points were run before the recipe or its inputs changed: run them again")
        }
        for point in result.points {
            guard let message = point.message else { continue }
            lines.append("\(style.text("error:", .bad)) point \(point.number): \(message)")
        }
        if let leader = result.leader {
            let word = result.best == nil ? "best of those that miss something" : "best"
            lines.append("\(word): \(Self.line(of: result.points[leader], style))")
        }
        if result.isUnmet { lines.append(style.text("no point meets what is asked for", .bad)) }
        return lines
    }
}

// MARK: - One point

extension SweepReport {
    /// A line for a point that has come to its end: `point 7  met  evaluate.accuracy 93.4 %  prune.MaxToPrune=2`.
    ///
    /// - Parameter count: How many points there are.
    package static func line(of point: SweepOutcome, count: Int, style: TextStyle = TextStyle()) -> String {
        String(repeating: " ", count: max(0, String(count - 1).count - String(point.number).count))
            + line(of: point, style)
    }

    private static func line(of point: SweepOutcome, _ style: TextStyle) -> String {
        let status = status(of: point)
        var figures = known(point).map { "\($0.path) \(text(of: $0))" }
        if let bytes = point.memoryBytes, !point.figures.contains(where: { $0.metric == "memory" }) {
            figures.append(bytes.byteCount)
        }
        return [
            "point \(point.number)", style.text(status.text, status.tone), figures.joined(separator: ", "),
            point.settings.joined(separator: " "),
        ].filter { !$0.isEmpty }.joined(separator: "  ")
    }

    /// The figures of a point; one that is not there is missing because of its value only if the point is done.
    private static func known(_ point: SweepOutcome) -> [SweepOutcome.Figure] {
        point.figures.filter { $0.value != nil || point.status == .done }
    }

    private static func text(of figure: SweepOutcome.Figure) -> String {
        Requirement.text(of: figure.value.map { .number($0) }, figure.metric)
    }

    private static func status(of point: SweepOutcome) -> TextTable.Cell {
        switch point.status {
        case .done: point.isMet ? .init("met", .good) : .init("not met", .bad)
        case .failed: .init("failed", .bad)
        case .unfinished, .missing, .outdated: .init(point.status.rawValue, .warning)
        }
    }
}
