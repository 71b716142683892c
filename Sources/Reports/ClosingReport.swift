internal import Checkpoints
internal import Documents
package import Execution

/// What a run came to, for the end of `pare run`.
package struct ClosingReport: Sendable {
    private let summary: RunSummary
    private let style: TextStyle

    package init(_ summary: RunSummary, style: TextStyle = TextStyle()) {
        self.summary = summary
        self.style = style
    }

    /// The recipes' names, in the order in which they were given.
    private var recipes: [String] {
        summary.stages.reduce(into: []) { if $0.last != $1.stage.recipe { $0.append($1.stage.recipe) } }
    }
}

// MARK: - Results

extension ClosingReport {
    /// A table of the networks beside their goals, each requirement, and where the run lies.
    package var text: String {
        var blocks: [[String]] = []
        for recipe in recipes {
            let stages = summary.stages.filter { $0.stage.recipe == recipe }
            if recipes.count > 1 { blocks.append([style.text(recipe, .strong)]) }
            blocks.append(networks(stages))
            for stage in stages {
                guard let record = stage.record else { continue }
                blocks.append(iterations(record, of: stage.stage.id))
                if let analysis = record.result["analysis"] {
                    blocks.append(AnalysisReport(analysis, style: style).lines)
                }
                blocks.append(projections(record, of: stage.stage.id))
                blocks.append(confusion(record, of: stage.stage.id))
                blocks += comparison(record, of: stage.stage.id)
                blocks.append(requirements(record, of: stage.stage.id))
            }
        }
        blocks.append(end)
        return blocks.filter { !$0.isEmpty }.map { "\n" + $0.map { $0 + "\n" }.joined() }.joined()
    }

    private func networks(_ stages: [StageReport]) -> [String] {
        var metrics: [String] = []
        var measures: [String: [String: String]] = [:]
        for row in stages.flatMap({ $0.record?.rows ?? [] }) {
            for measure in row.measures {
                if !metrics.contains(measure.metric) { metrics.append(measure.metric) }
                measures[row.need, default: [:]][measure.metric] = measure.text
            }
        }
        var table = TextTable(
            [.init("stage"), .init("parameters", isNumeric: true), .init("memory", isNumeric: true)]
                + metrics.map { TextTable.Column($0) } + [.init("goal")])
        for stage in stages {
            guard let record = stage.record, let parameters = record.parameters else { continue }
            let goal = record.goal
            table.append(
                [.init(stage.stage.id), .init(parameters.grouped), .init(record.memory?.byteCount ?? "")]
                    + metrics.map { .init(measures[stage.stage.id]?[$0] ?? "") }
                    + [.init(goal?.summary ?? "", goal?.isMet == true ? .good : .bad)])
        }
        return table.rows.isEmpty ? [] : table.lines(style)
    }

    /// How a pruning went: the start and at most the last ten iterations, and why it ended.
    private func iterations(_ record: Record, of id: String) -> [String] {
        let iterations = record.iterations
        guard iterations.count > 1 else { return [] }
        let metric = record.result.value(at: "threshold.metric")?.text
        var table = TextTable(
            [
                .init(id, isNumeric: true), .init("learnables", isNumeric: true), .init("removed", isNumeric: true),
                .init("loss", isNumeric: true),
            ] + (metric.map { [.init("validation \($0)", isNumeric: true)] } ?? []) + [.init("")])
        func append(_ row: Iteration) {
            let objective = row.objective.map { Requirement.text(of: .number($0), metric ?? "") } ?? ""
            table.append(
                [
                    .init("\(row.number)"), .init(row.learnables.grouped), .init(row.removed.percentage),
                    .init(row.loss?.brief ?? ""),
                ] + (metric == nil ? [] : [.init(objective)]) + [row.isAccepted ? .init("") : .init("undone", .bad)])
        }
        append(iterations[0])
        let last = iterations.dropFirst().suffix(10)
        if last.count < iterations.count - 1 {
            table.append(table.columns.enumerated().map { .init($0.offset == 0 ? "..." : "") })
        }
        last.forEach(append)
        let layers = record.result["prunedLayers"]?.elements?.count ?? 0
        let end = [record.stopReason, layers.of("layer") + " pruned"].compactMap { $0 }.joined(separator: "; ")
        return table.lines(style) + ["\(id): \(end)"]
    }

    /// A table of the ranks of projected layers.
    private func projections(_ record: Record, of id: String) -> [String] {
        guard !record.projections.isEmpty else { return [] }
        var table = TextTable(
            [.init(id)]
                + ["input", "output", "variance", "learnables", "removed"].map { .init($0, isNumeric: true) })
        for layer in record.projections {
            table.append([
                .init(layer.name), .init(layer.input), .init(layer.output), .init(layer.explainedVariance.percentage),
                .init("\(layer.before.grouped) -> \(layer.after.grouped)"), .init(layer.reduction.percentage),
            ])
        }
        return table.lines(style)
    }

    private func requirements(_ record: Record, of id: String) -> [String] {
        guard !record.requirements.isEmpty else { return [] }
        var table = TextTable([.init(id), .init("required"), .init("bound"), .init("measured"), .init("")])
        for requirement in record.requirements {
            table.append([
                .init(requirement.metric), .init(requirement.required), .init(requirement.bound),
                .init(requirement.measured), requirement.isMet ? .init("met", .good) : .init("not met", .bad),
            ])
        }
        return table.lines(style)
    }

    /// The last network beside an earlier one: figure by figure, and the bytes of its layers if they are few.
    private func comparison(_ record: Record, of id: String) -> [[String]] {
        guard let comparison = record.comparison, let last = record.rows.last?.need else { return [] }
        func table(_ title: String, _ rows: [(name: String, from: String, to: String, change: String)]) -> [String] {
            var table = TextTable(
                [.init(title)]
                    + [comparison.against, last, "change"].map { TextTable.Column($0, isNumeric: true) })
            for row in rows { table.append([row.name, row.from, row.to, row.change].map { .init($0) }) }
            return table.lines(style)
        }
        let layers = comparison.layers.count <= 20 ? comparison.layers : []
        return [table(id, comparison.figures), layers.isEmpty ? [] : table("layer", layers)]
    }

    /// A table of the labels, if there are few enough to read.
    private func confusion(_ record: Record, of id: String) -> [String] {
        guard let confusion = record.confusion, confusion.labels.count <= 10 else { return [] }
        var table = TextTable(
            [.init("\(id): is / taken for")] + confusion.labels.map { TextTable.Column($0, isNumeric: true) })
        for (label, counts) in zip(confusion.labels, confusion.counts) {
            table.append(([label] + counts.map(\.grouped)).map { .init($0) })
        }
        return table.lines(style)
    }
}

// MARK: - The end

extension ClosingReport {
    private var end: [String] {
        let counts: [(StageStatus, String)] = [
            (.ran, "ran"), (.reused, "reused"), (.failed, "failed"), (.interrupted, "interrupted"),
            (.skipped, "skipped"),
        ]
        let words = counts.map { (summary.count(of: $0), $1) }.filter { $0.0 > 0 }.map { "\($0) \($1)" }
        let time =
            "\(summary.stages.count.of("stage")) in \(summary.seconds.duration): \(words.joined(separator: ", "))"
        let places = zip(recipes, summary.folders).map { recipe, folder in
            recipes.count > 1 ? "run of \(recipe): \(folder)" : "run: \(folder)"
        }
        let isUnmet = summary.exitStatus == .requirementNotMet
        return [time] + (isUnmet ? [style.text("a requirement or a goal was not met", .bad)] : []) + places
    }

    /// Why the run did not come to its end, with the command that goes on from there as the last line; empty if it did.
    ///
    /// - Parameter command: What to type, as a shell takes it.
    package func failure(goOnWith command: String) -> String {
        var lines: [String] = []
        for stage in summary.stages where stage.status == .failed {
            let recipe = recipes.count > 1 ? " of '\(stage.stage.recipe)'" : ""
            let message = stage.message ?? "for an unknown reason"
            lines.append("\(style.text("error:", .bad)) stage '\(stage.stage.id)'\(recipe) failed: \(message)")
        }
        switch summary.exitStatus {
        case .done, .requirementNotMet: return ""
        case .failed: lines.append("go on from there, once the cause is removed, with")
        case .interrupted: lines.append("interrupted: go on from there with")
        case .terminated: lines.append("terminated: go on from there with")
        }
        return (lines + [command]).map { $0 + "\n" }.joined()
    }

    /// Options, as `PATH=VALUE`, with which the stages that failed may not fail again.
    ///
    /// The recipe stays as it is; the values are for the command that goes on.
    package var settings: [String] {
        summary.stages.flatMap { stage in stage.settings.map { "\(stage.stage.id).\($0)" } }
    }
}
