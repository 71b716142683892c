internal import Checkpoints
internal import Documents
package import Execution
package import Planning

/// The lines in which a run tells of its stages: `[2/5] prune     12.3 s  984 parameters, 3.8 KiB, goal 984 met`.
package struct StageLines: Sendable {
    /// Colours, if there are any.
    package var style: TextStyle
    private let total: Int
    private let namesRecipes: Bool
    private let nameWidth: Int

    /// Creates the lines for the stages of a plan; a stage is named with its recipe if there are several.
    package init(_ graph: StageGraph, style: TextStyle = TextStyle()) {
        self.style = style
        total = graph.nodes.count
        namesRecipes = graph.recipes.count > 1
        let several = namesRecipes
        nameWidth =
            graph.nodes.map { node in
                node.specification.id.count + (several ? node.recipeName.count + 1 : 0)
            }.max() ?? 0
    }

    private func head(_ stage: StageIdentity) -> String {
        let name = namesRecipes ? "\(stage.recipe)/\(stage.id)" : stage.id
        let number = String(stage.index + 1).padded(to: String(total).count, atRight: true)
        return "[\(number)/\(total)] \(name.padded(to: nameWidth))"
    }
}

// MARK: - Lines that stay

extension StageLines {
    /// Says that a stage begins, or where it goes on.
    package func started(_ stage: StageIdentity, resumed: Bool = false) -> String {
        "\(head(stage))  \(resumed ? "goes on from its checkpoint" : "started")"
    }

    /// Says that a stage waits for another program.
    package func waiting(_ stage: StageIdentity) -> String {
        "\(head(stage))  waits for another pare that makes the same record"
    }

    /// Says how a stage ended.
    package func ended(_ report: StageReport) -> String {
        let head = head(report.stage)
        let summary = report.record.map { StageFigures(result: $0.result).summary } ?? ""
        let tail = summary.isEmpty ? "" : "  \(summary)"
        switch report.status {
        case .ran:
            let isMet = report.record?.requirementsMet ?? true
            return "\(head)  \(time(report))\(isMet ? tail : style.text(tail, .bad))"
        case .reused: return "\(head)  \(style.text("  reused", .faint))\(tail)"
        case .failed:
            return
                "\(head)  \(time(report))  \(style.text("failed:", .bad)) \(report.message ?? "for an unknown reason")"
        case .skipped: return "\(head)  \(style.text(" skipped", .faint))  \(report.message ?? "")"
        case .interrupted: return "\(head)  \(time(report))  \(style.text("interrupted", .warning))"
        }
    }

    /// Says something that does not stop the run.
    package func warning(_ stage: StageIdentity?, _ message: String) -> String {
        "\(stage.map { head($0) + "  " } ?? "")\(style.text("warning:", .warning)) \(message)"
    }

    private func time(_ report: StageReport) -> String { report.seconds.duration.padded(to: 8, atRight: true) }
}

// MARK: - Progress

extension StageLines {
    /// How far a stage is, for a log: `[2/5] prune      42 %, epoch 12 of 15, about 0:16 left`.
    package func progress(_ stage: StageIdentity, _ progress: StageProgress, secondsRemaining: Double?) -> String {
        let left = secondsRemaining.map { ", about \($0.clock) left" } ?? ""
        return "\(head(stage))  \(percent(progress)), \(progress.what)\(left)"
    }

    /// How far a stage is, for a line that is redrawn in place; never wider than `width`.
    ///
    /// `[2/5] prune     [========>           ]  42 %  0:12, 0:16 left  epoch 12 of 15, loss 0.1734`
    package func live(
        _ stage: StageIdentity, _ progress: StageProgress?, elapsed: Double, secondsRemaining: Double?, width: Int
    ) -> String {
        guard let progress else { return String("\(head(stage))  \(elapsed.clock)".prefix(max(width, 1))) }
        var line = "  \(percent(progress))  \(elapsed.clock)"
        if let secondsRemaining { line += ", \(secondsRemaining.clock) left" }
        line += "  \(progress.what)"
        // What does not fit is left out as a whole, the bar first; the loss is what one looks for.
        let metrics = (progress.metrics.members ?? [:]).sorted { one, other in
            (one.key == "loss" ? "" : one.key) < (other.key == "loss" ? "" : other.key)
        }
        let head = head(stage)
        for (name, value) in metrics {
            guard let text = value.double.map({ ", \(name) \($0.brief)" }) else { continue }
            if head.count + line.count + text.count <= width { line += text }
        }
        let bar = "  " + bar(progress.fraction)
        let hasRoom = width >= 72 && head.count + bar.count + line.count <= width
        return String((head + (hasRoom ? bar : "") + line).prefix(max(width, 1)))
    }

    private func percent(_ progress: StageProgress) -> String {
        "\(Int(100 * min(max(progress.fraction, 0), 1)))".padded(to: 3, atRight: true) + " %"
    }

    private func bar(_ fraction: Double) -> String {
        let width = 20
        let filled = Int((Double(width) * min(max(fraction, 0), 1)).rounded(.down))
        let bar = String(repeating: "=", count: filled) + (filled < width ? ">" : "")
        return "[\(bar.padded(to: width))]"
    }
}

extension String {
    /// With blanks up to a width, after the text or before it.
    fileprivate func padded(to width: Int, atRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - count))
        return atRight ? blanks + self : self + blanks
    }
}
