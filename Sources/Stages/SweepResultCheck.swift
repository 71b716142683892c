internal import Diagnostics
internal import Documents
internal import Planning
internal import Recipes

/// Whether the stages of a recipe have the results that its sweep looks for.
struct SweepResultCheck {
    /// The stages with their options resolved, by id.
    let stages: [String: StageSpecification]

    /// Reports each result that its stage will not have.
    func check(_ objective: Objective, into diagnostics: inout DiagnosticList) {
        for path in [objective.result] + objective.constraints.map(\.result) {
            guard let stage = stages[path.stage] else { continue }
            let known = StageKinds.kind(stage.kind).results(stage.options)
            if !known.contains(path.metric) { diagnostics.append(.noResult(path, known: known, of: stage)) }
        }
        for constraint in objective.constraints {
            guard let name = constraint.requirement.stage, let reference = stages[name],
                let stage = stages[constraint.result.stage]
            else { continue }
            let isRow = stage.kind == EvaluateStage.name && stage.needs.contains(name)
            let metric = constraint.result.metric
            if !isRow, !StageKinds.kind(reference.kind).results(reference.options).contains(metric) {
                diagnostics.append(.noReference(constraint, of: stage))
            }
        }
    }
}

extension Diagnostic {
    fileprivate static func noResult(_ path: ResultPath, known: [String], of stage: StageSpecification) -> Diagnostic {
        let isMeasurable = stage.kind == EvaluateStage.name && RequirementCheck.metrics.contains(path.metric)
        return Diagnostic(
            .unknownValue, "stage '\(stage.id)' has no result '\(path.metric)'", at: path.span,
            help: isMeasurable
                ? ["add '\(path.metric)' to the metrics of '\(stage.id)'"] : help(for: path.metric, known: known))
    }

    fileprivate static func noReference(_ constraint: Objective.Constraint, of stage: StageSpecification) -> Diagnostic
    {
        let name = constraint.requirement.stage ?? ""
        return Diagnostic(
            .unknownValue, "stage '\(name)' has no result '\(constraint.result.metric)' to compare with",
            at: constraint.span,
            help: stage.kind == EvaluateStage.name ? ["let '\(stage.id)' need '\(name)', too"] : [])
    }
}
