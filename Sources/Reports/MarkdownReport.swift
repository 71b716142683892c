internal import Documents
internal import Execution

/// The outcome of a command as Markdown, for the page of a job.
///
/// A table of the recipes with their networks before and after, each requirement and goal, then what failed and why,
/// and the command that goes on from there.
package struct MarkdownReport: Sendable {
    private let outcome: BatchOutcome

    /// What every such page begins with.
    package static let opening = "## pare: "

    package init(_ outcome: BatchOutcome) {
        self.outcome = outcome
    }

    package var text: String {
        let ending = Execution.ExitStatus(rawValue: outcome.exitStatus)?.words ?? "a recipe is invalid"
        let blocks =
            [[Self.opening + ending], recipes, requirements] + faults + [failures, differences] + [command]
        return blocks.filter { !$0.isEmpty }.map { $0.map { $0 + "\n" }.joined() }.joined(separator: "\n")
    }

    private var runs: [RunRecord] { outcome.entries.compactMap(\.run) }
}

// MARK: - Tables

extension MarkdownReport {
    /// A row for each recipe: how it ended, and its first and its last network.
    private var recipes: [String] {
        let measures = outcome.entries.map { MeasureColumns($0.run?.stages ?? []) }
        let metrics = measures.flatMap(\.titles).withoutRepetition
        let rows = zip(outcome.entries, measures).map { entry, measures -> [String] in
            let networks = (entry.run?.stages ?? []).filter { $0.figures?.parameters != nil }
            let ends = networks.count > 1 ? [networks[0], networks[networks.count - 1]] : networks
            func change(_ text: (RunRecord.Stage) -> String) -> String {
                ends.map(text).filter { !$0.isEmpty }.joined(separator: " → ")
            }
            let counts = [
                change { $0.figures?.parameters?.grouped ?? "" }, change { $0.figures?.memory?.byteCount ?? "" },
            ]
            let measured = metrics.map { metric in
                guard let column = measures.titles.firstIndex(of: metric) else { return "" }
                return change { measures.cells(of: $0.id)[column] }
            }
            let time = entry.run.map { $0.seconds.duration } ?? ""
            return [entry.name, Self.ending(of: entry)] + counts + measured + [time]
        }
        return Self.table(["recipe", "result", "parameters", "memory"] + metrics + ["time"], rows)
    }

    private static func ending(of entry: BatchOutcome.Entry) -> String {
        if entry.fault != nil { return "could not run" }
        let ending = entry.run.map { $0.exitStatus?.words ?? "unfinished" } ?? "not run"
        return entry.differences?.isEmpty == false ? "\(ending); differs from its lock file" : ending
    }

    /// A row for each requirement and each goal.
    private var requirements: [String] {
        var rows: [[String]] = []
        for run in runs {
            for stage in run.stages {
                guard let figures = stage.figures else { continue }
                if let goal = figures.goal {
                    rows.append([
                        run.recipe, stage.id, "goal", goal.requested, goal.reached, goal.isMet ? "met" : "**not met**",
                    ])
                }
                rows += figures.requirements.map { requirement in
                    let required = "\(requirement.required) (\(requirement.bound))"
                    return [
                        run.recipe, stage.id, requirement.metric, required, requirement.measured,
                        requirement.isMet ? "met" : "**not met**",
                    ]
                }
            }
        }
        return rows.isEmpty
            ? [] : Self.table(["recipe", "stage", "of", "required", "measured", ""], rows, rawColumn: 5)
    }

    /// A table; columns with nothing in them are left out.
    ///
    /// - Parameter rawColumn: The column whose cells are Markdown already.
    private static func table(_ titles: [String], _ rows: [[String]], rawColumn: Int? = nil) -> [String] {
        let shown = titles.indices.filter { column in rows.contains { !$0[column].isEmpty } }
        func line(_ cells: [String]) -> String {
            "| " + shown.map { $0 == rawColumn ? cells[$0] : escaped(cells[$0]) }.joined(separator: " | ") + " |"
        }
        return [line(titles), "|" + String(repeating: "---|", count: shown.count)] + rows.map(line)
    }
}

// MARK: - What went wrong

extension MarkdownReport {
    /// The faults of each recipe, as they stand in the log.
    private var faults: [[String]] {
        outcome.entries.compactMap { entry in
            entry.fault.map { ["**\(Self.escaped(entry.name))**", ""] + Self.code($0) }
        }
    }

    private var failures: [String] {
        runs.flatMap { run in
            run.stages.filter { $0.status == .failed }.map { stage in
                let message = Self.escaped(stage.message ?? "for an unknown reason")
                return "- **\(Self.escaped(run.recipe))**: stage `\(stage.id)` failed: \(message)"
            }
        }
    }

    private var differences: [String] {
        outcome.entries.flatMap { entry in
            (entry.differences ?? []).map { "- **\(Self.escaped(entry.name))**: \(Self.escaped($0))" }
        }
    }

    private var command: [String] {
        guard let command = outcome.command, let how = Execution.ExitStatus(rawValue: outcome.exitStatus)?.goingOn
        else { return [] }
        return [how.prefix(1).uppercased() + how.dropFirst(), ""] + Self.code(command, "sh")
    }
}

// MARK: - Escaping

extension MarkdownReport {
    /// A text in which nothing has a meaning; on one line.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.oneLine.unicodeScalars {
            switch scalar {
            case "<": escaped += "&lt;"
            case "&": escaped += "&amp;"
            case "\\", "`", "*", "_", "[", "]", "|", "#", "~", "!", "$":
                escaped += "\\"
                escaped.unicodeScalars.append(scalar)
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Lines as they are, in a fence that is longer than any in them.
    private static func code(_ text: String, _ language: String = "text") -> [String] {
        var longest = 2
        var current = 0
        for character in text {
            current = character == "`" ? current + 1 : 0
            longest = max(longest, current)
        }
        let fence = String(repeating: "`", count: longest + 1)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).oneLine }
        return [fence + language] + (lines.last == "" ? lines.dropLast() : lines) + [fence]
    }
}
