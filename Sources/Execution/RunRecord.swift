internal import Checkpoints
package import Documents
internal import Foundation
package import Planning

/// The run of one recipe, as it went: of a run that has just ended, or read from a run's folder.
///
/// What is shown, compared, locked and reported of runs is made of it, so that both look the same.
package struct RunRecord: Sendable {
    /// The name of the recipe.
    package var recipe: String
    /// The run's folder.
    package var folder: String
    /// The status of this recipe alone, or `nil` if the run did not come to its end: it was killed, or is going on.
    package var exitStatus: ExitStatus?
    /// When it began, as ISO 8601 has it; empty if that is not known.
    package var started = ""
    /// How long it took.
    package var seconds: Double
    /// The version of the program that ran it; empty if that is not known.
    package var version = ""
    /// The instruction set of its kernels; empty if that is not known.
    package var instructionSet = ""
    /// The stages in recipe order.
    package var stages: [Stage]
    /// How options of the recipe were found that it left open.
    package var search: JSONValue?

    package init(recipe: String, folder: String, exitStatus: ExitStatus?, seconds: Double, stages: [Stage]) {
        self.recipe = recipe
        self.folder = folder
        self.exitStatus = exitStatus
        self.seconds = seconds
        self.stages = stages
    }

    /// One stage of the run.
    package struct Stage: Sendable {
        /// The name of the stage in its recipe.
        package var id: String
        /// The stage kind.
        package var kind: String
        /// The content address of what the stage makes.
        package var key: String
        /// How it ended; of a run that was killed, how it would have to be told now.
        package var status: StageStatus
        /// How long it took in this run.
        package var seconds: Double
        /// Why it had to run.
        package var reason: String?
        /// Why it failed or was skipped.
        package var message: String?
        /// Options with values with which it may not fail again.
        package var settings: [String] = []
        /// Whether the run was limited to other stages.
        package var isLeftOut = false
        /// Its options; empty if they are not known, as of stages without a result in a run's folder.
        package var options: JSONValue
        /// What it found, if it ran or was reused.
        package var result: JSONValue?
        /// Whether each requirement and goal was met; `true` without a result.
        package var requirementsMet: Bool

        package init(
            id: String, kind: String, key: String, status: StageStatus, seconds: Double = 0, reason: String? = nil,
            message: String? = nil, options: JSONValue = [:], result: JSONValue? = nil, requirementsMet: Bool = true
        ) {
            self.id = id
            self.kind = kind
            self.key = key
            self.status = status
            self.seconds = seconds
            self.reason = reason
            self.message = message
            self.options = options
            self.result = result
            self.requirementsMet = requirementsMet
        }
    }
}

// MARK: - A run that has just ended

extension RunRecord {
    /// The run of each recipe of a run that has just ended.
    ///
    /// - Parameters:
    ///   - summary: How every stage ended.
    ///   - plan: What was to be done: it knows the options of stages that failed, and why stages ran.
    ///   - context: Where it ran.
    /// - Returns: One for each recipe that has a stage, in the order of the summary.
    package static func all(
        of summary: RunSummary, plan: RunPlan? = nil, context: ExecutionContext? = nil
    ) -> [RunRecord] {
        // The stages of a recipe stand together.
        var groups: [ArraySlice<StageReport>] = []
        var rest = summary.stages[...]
        while let name = rest.first?.stage.recipe {
            let group = rest.prefix { $0.stage.recipe == name }
            groups.append(group)
            rest = rest[group.endIndex...]
        }
        let reason: CancellationToken.Reason? =
            switch summary.exitStatus {
            case .interrupted: .interrupted
            case .terminated: .terminated
            default: nil
            }
        return groups.enumerated().map { number, reports in
            let stages = reports.map { Stage($0, plan) }
            let wanted = zip(reports, stages).filter { !$1.isLeftOut }.map(\.0)
            var run = RunRecord(
                recipe: reports.first?.stage.recipe ?? "",
                folder: number < summary.folders.count ? summary.folders[number] : "",
                exitStatus: ExitStatus(of: wanted, cancelled: reason),
                seconds: groups.count == 1 ? summary.seconds : reports.reduce(0) { $0 + $1.seconds }, stages: stages)
            run.started =
                reports.map(\.started).min()?.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) ?? ""
            run.search = reports.first.flatMap { first in
                plan.flatMap { $0.graph.recipes[$0.graph.nodes[first.stage.index].recipe].search }
            }
            run.version = context?.versions["pare"]?.text ?? ""
            run.instructionSet = context?.instructionSet ?? ""
            return run
        }
    }
}

extension RunRecord.Stage {
    fileprivate init(_ report: StageReport, _ plan: RunPlan?) {
        let decision = plan?.decisions[report.stage.index]
        var reason: String?
        if case .run(let why) = decision { reason = why.description }
        let specification = plan?.graph.nodes[report.stage.index].specification
        self.init(
            id: report.stage.id, kind: report.stage.kind, key: report.stage.key.description, status: report.status,
            seconds: report.seconds, reason: reason, message: report.message,
            options: specification?.options ?? report.record?.ingredients["options"] ?? [:],
            result: report.record?.result, requirementsMet: report.record?.requirementsMet ?? true)
        settings = report.settings
        isLeftOut = decision?.isSkipped ?? false
    }
}
