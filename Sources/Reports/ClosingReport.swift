internal import Documents
package import Execution
package import Planning

/// What runs came to, for the end of `pare run` and for runs that are shown later.
package struct ClosingReport: Sendable {
    private let runs: [RunRecord]
    private let exitStatus: ExitStatus?
    private let seconds: Double
    private let style: TextStyle

    /// - Parameters:
    ///   - runs: The run of each recipe.
    ///   - exitStatus: The status of them all, or `nil` if they did not come to their end.
    ///   - seconds: The time of them all.
    ///   - style: Colours, if there are any.
    package init(_ runs: [RunRecord], exitStatus: ExitStatus?, seconds: Double, style: TextStyle = TextStyle()) {
        self.runs = runs
        self.exitStatus = exitStatus
        self.seconds = seconds
        self.style = style
    }

    /// The report of a run that has just ended.
    package init(_ summary: RunSummary, _ plan: RunPlan? = nil, style: TextStyle = TextStyle()) {
        self.init(
            RunRecord.all(of: summary, plan: plan), exitStatus: summary.exitStatus, seconds: summary.seconds,
            style: style)
    }
}

// MARK: - Results

extension ClosingReport {
    /// A table of the networks beside their goals, each requirement, and where the run lies.
    package var text: String {
        var blocks: [[String]] = []
        for run in runs {
            if runs.count > 1 { blocks.append([style.text(run.recipe, .strong)]) }
            if let search = run.search { blocks.append(SearchReport(search, style: style).lines) }
            blocks.append(networks(run.stages))
            for stage in run.stages {
                guard let figures = stage.figures else { continue }
                blocks.append(iterations(figures, of: stage.id))
                if let analysis = figures.result["analysis"] {
                    blocks.append(AnalysisReport(analysis, style: style).lines)
                }
                blocks.append(projections(figures, of: stage.id))
                blocks.append(confusion(figures, of: stage.id))
                blocks += comparison(figures, of: stage.id)
                blocks.append(requirements(figures, of: stage.id))
            }
        }
        blocks.append(end)
        return blocks.filter { !$0.isEmpty }.map { "\n" + $0.map { $0 + "\n" }.joined() }.joined()
    }

    private func networks(_ stages: [RunRecord.Stage]) -> [String] {
        let measures = MeasureColumns(stages)
        var table = TextTable(
            [.init("stage"), .init("parameters", isNumeric: true), .init("memory", isNumeric: true)]
                + measures.titles.map { TextTable.Column($0) } + [.init("goal")])
        for stage in stages {
            guard let figures = stage.figures, let parameters = figures.parameters else { continue }
            let goal = figures.goal
            table.append(
                [.init(stage.id), .init(parameters.grouped), .init(figures.memory?.byteCount ?? "")]
                    + measures.cells(of: stage.id).map { .init($0) }
                    + [.init(goal?.summary ?? "", goal?.isMet == true ? .good : .bad)])
        }
        return table.rows.isEmpty ? [] : table.lines(style)
    }

    /// How a pruning went: the start and at most the last ten iterations, and why it ended.
    private func iterations(_ figures: StageFigures, of id: String) -> [String] {
        let iterations = figures.iterations
        guard iterations.count > 1 else { return [] }
        let metric = figures.result.value(at: "threshold.metric")?.text
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
        let layers = figures.result["prunedLayers"]?.elements?.count ?? 0
        let end = [figures.stopReason, layers.of("layer") + " pruned"].compactMap { $0 }.joined(separator: "; ")
        return table.lines(style) + ["\(id): \(end)"]
    }

    /// A table of the ranks of projected layers.
    private func projections(_ figures: StageFigures, of id: String) -> [String] {
        guard !figures.projections.isEmpty else { return [] }
        var table = TextTable(
            [.init(id)]
                + ["input", "output", "variance", "learnables", "removed"].map { .init($0, isNumeric: true) })
        for layer in figures.projections {
            table.append([
                .init(layer.name), .init(layer.input), .init(layer.output), .init(layer.explainedVariance.percentage),
                .init("\(layer.before.grouped) -> \(layer.after.grouped)"), .init(layer.reduction.percentage),
            ])
        }
        return table.lines(style)
    }

    private func requirements(_ figures: StageFigures, of id: String) -> [String] {
        guard !figures.requirements.isEmpty else { return [] }
        var table = TextTable([.init(id), .init("required"), .init("bound"), .init("measured"), .init("")])
        for requirement in figures.requirements {
            table.append([
                .init(requirement.metric), .init(requirement.required), .init(requirement.bound),
                .init(requirement.measured), requirement.isMet ? .init("met", .good) : .init("not met", .bad),
            ])
        }
        return table.lines(style)
    }

    /// The last network beside an earlier one: figure by figure, and the bytes of its layers if they are few.
    private func comparison(_ figures: StageFigures, of id: String) -> [[String]] {
        guard let comparison = figures.comparison, let last = figures.rows.last?.need else { return [] }
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
    private func confusion(_ figures: StageFigures, of id: String) -> [String] {
        guard let confusion = figures.confusion, confusion.labels.count <= 10 else { return [] }
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
        let stages = runs.flatMap(\.stages)
        let words = counts.map { status, word in (stages.count { $0.status == status }, word) }
            .filter { $0.0 > 0 }.map { "\($0) \($1)" }
        let time = "\(stages.count.of("stage")) in \(seconds.duration): \(words.joined(separator: ", "))"
        let places = runs.map { runs.count > 1 ? "run of \($0.recipe): \($0.folder)" : "run: \($0.folder)" }
        let isUnmet = exitStatus == .requirementNotMet
        return [time] + (isUnmet ? [style.text("a requirement or a goal was not met", .bad)] : []) + places
    }

    /// Why the run did not come to its end, with the command that goes on from there as the last line; empty if it did.
    ///
    /// - Parameter command: What to type, as a shell takes it.
    package func failure(goOnWith command: String) -> String {
        guard let how = exitStatus?.goingOn else { return "" }
        let lines = failures + [how, command]
        return lines.map { $0 + "\n" }.joined()
    }

    /// A line for each stage that failed.
    package var failures: [String] {
        runs.flatMap { run in
            run.stages.filter { $0.status == .failed }.map { stage in
                let recipe = runs.count > 1 ? " of '\(run.recipe)'" : ""
                let message = stage.message ?? "for an unknown reason"
                return "\(style.text("error:", .bad)) stage '\(stage.id)'\(recipe) failed: \(message)"
            }
        }
    }

    /// Options, as `PATH=VALUE`, with which the stages that failed may not fail again.
    ///
    /// The recipe stays as it is; the values are for the command that goes on.
    package var settings: [String] {
        runs.flatMap(\.stages).flatMap { stage in stage.settings.map { "\(stage.id).\($0)" } }
    }
}

extension ExitStatus {
    /// What stands before the command that goes on; `nil` if there is nothing to go on with.
    var goingOn: String? {
        switch self {
        case .done, .requirementNotMet: nil
        case .failed: "go on from there, once the cause is removed, with"
        case .interrupted: "interrupted: go on from there with"
        case .terminated: "terminated: go on from there with"
        }
    }
}

extension RunRecord.Stage {
    /// What the stage found, if it ran or was reused.
    var figures: StageFigures? { result.map { StageFigures(result: $0) } }
}
