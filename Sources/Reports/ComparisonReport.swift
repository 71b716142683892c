internal import Documents
internal import Execution

/// Two runs beside each other, for `pare compare`: tables of what differs.
package struct ComparisonReport: Sendable {
    private let comparison: RunComparison
    private let style: TextStyle

    package init(_ comparison: RunComparison, style: TextStyle = TextStyle()) {
        self.comparison = comparison
        self.style = style
    }

    package var text: String {
        let differences = [statuses, options, inputs, sizes, measures, layers, onlyInOne].filter { !$0.isEmpty }
        let end = differences.isEmpty ? [["no difference in options, sizes and measures"]] : []
        return ([runs] + differences + end).map { $0.map { $0 + "\n" }.joined() }.joined(separator: "\n")
    }

    /// Which run is which.
    private var runs: [String] {
        var table = TextTable(["", "", "", ""].map { .init($0) })
        for (name, run) in zip(Self.names, [comparison.first, comparison.second]) {
            table.append([name, run.folder, run.recipe, run.outcome].map { .init($0) })
        }
        return table.lines(style)
    }

    private static let names = ["A", "B"]

    private func table(_ titles: [String], numbers: Bool = false) -> TextTable {
        let columns = Self.names + (numbers ? ["change"] : [])
        return TextTable(
            titles.map { .init($0) } + columns.map { TextTable.Column($0, isNumeric: numbers) })
    }
}

// MARK: - Tables

extension ComparisonReport {
    /// Stages that ended well in one run only.
    private var statuses: [String] {
        func word(_ stage: RunRecord.Stage) -> String { stage.result == nil ? stage.status.rawValue : "done" }
        var table = table(["stage"])
        for match in comparison.matches where word(match.first) != word(match.second) {
            table.append([match.name, word(match.first), word(match.second)].map { .init($0) })
        }
        return table.rows.isEmpty ? [] : table.lines(style)
    }

    private var options: [String] {
        var table = table(["stage", "option"])
        for match in comparison.matches {
            for option in comparison.options(of: match) {
                let (first, second) = Self.shortened(
                    option.first?.canonicalText.oneLine ?? "none", option.second?.canonicalText.oneLine ?? "none")
                table.append([match.name, option.name, first, second].map { .init($0) })
            }
        }
        return table.rows.isEmpty ? [] : table.lines(style)
    }

    /// Where the runs part, if it is at a stage whose options are the same.
    private var inputs: [String] {
        guard let match = comparison.matches.first(where: { $0.first.key != $0.second.key }),
            match.first.options != [:], match.second.options != [:], comparison.options(of: match).isEmpty
        else { return [] }
        return ["\(match.name): the same options, but other files, another seed or another version of the stage"]
    }

    private var sizes: [String] {
        var table = table(["stage", "size"], numbers: true)
        for match in comparison.matches {
            for size in comparison.sizes(of: match) where size.first != size.second {
                let isMemory = size.name.hasSuffix("Bytes")
                func text(_ value: JSONValue?) -> String {
                    value?.whole.map { isMemory ? $0.byteCount : $0.grouped } ?? "none"
                }
                let name = isMemory ? String(size.name.dropLast("Bytes".count)) : size.name
                table.append(
                    [match.name, name, text(size.first), text(size.second), Self.relativeDifference(size)].map {
                        .init($0)
                    })
            }
        }
        return table.rows.isEmpty ? [] : table.lines(style)
    }

    private var measures: [String] {
        var table = table(["stage", "measured"], numbers: true)
        for match in comparison.matches {
            let pairs = comparison.measures(of: match)
            guard pairs.contains(where: { $0.first != $0.second }) else { continue }
            for pair in pairs {
                let metric = pair.name.split(separator: " ").last.map(String.init) ?? ""
                func text(_ value: JSONValue?) -> String { value.map { Requirement.text(of: $0, metric) } ?? "none" }
                table.append(
                    [match.name, pair.name, text(pair.first), text(pair.second), Self.difference(pair, metric)]
                        .map { .init($0) })
            }
        }
        return table.rows.isEmpty ? [] : table.lines(style)
    }

    /// The layers of the last networks that differ in bytes or shape.
    private var layers: [String] {
        var table = table(["layer", "of it"], numbers: true)
        let layers = zip(comparison.layers { $0["memoryBytes"] }, comparison.layers { $0["outputShape"] })
        for (bytes, shape) in layers {
            if bytes.first != bytes.second {
                func text(_ value: JSONValue?) -> String { value?.whole?.byteCount ?? "none" }
                table.append(
                    [bytes.name, "memory", text(bytes.first), text(bytes.second), Self.relativeDifference(bytes)]
                        .map { .init($0) })
            }
            if shape.first != shape.second {
                func text(_ value: JSONValue?) -> String {
                    let sizes = value?.elements?.compactMap { $0.whole.map { String($0) } }
                    return sizes?.joined(separator: " x ") ?? "none"
                }
                table.append([shape.name, "output", text(shape.first), text(shape.second), ""].map { .init($0) })
            }
        }
        return table.rows.isEmpty ? [] : table.lines(style)
    }

    private var onlyInOne: [String] {
        zip(Self.names, [comparison.onlyInFirst, comparison.onlyInSecond]).compactMap { name, stages in
            stages.isEmpty ? nil : "only in \(name): " + stages.map { "\($0.id) (\($0.kind))" }.joined(separator: ", ")
        }
    }

    /// How much larger the second value is, as a share of the first.
    private static func relativeDifference(_ pair: RunComparison.Pair) -> String {
        guard let first = pair.first?.double, let second = pair.second?.double, first != 0 else { return "" }
        return (second > first ? "+" : "") + (second / first - 1).percentage
    }

    /// Two values with at most 40 characters each, their first difference among them.
    private static func shortened(_ first: String, _ second: String) -> (String, String) {
        let common = zip(first, second).prefix { $0 == $1 }.count
        func shortened(_ text: String) -> String {
            if text.count <= 40 { return text }
            let rest = common < 30 ? text : "..." + text.dropFirst(common - 10)
            return rest.count <= 40 ? rest : rest.prefix(37) + "..."
        }
        return (shortened(first), shortened(second))
    }

    /// How much larger the second value is.
    private static func difference(_ pair: RunComparison.Pair, _ metric: String) -> String {
        guard let first = pair.first?.double, let second = pair.second?.double, first != second else { return "" }
        return Requirement.change(second - first, metric)
    }
}
