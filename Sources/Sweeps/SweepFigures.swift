internal import Documents
internal import Execution
internal import Recipes

/// The results of a run, by the names that `require` and objectives know them by.
struct SweepFigures {
    let run: RunRecord

    /// What a stage found: of an evaluation in its last row, of others their network's size; `nil` if that is not
    /// known or not finite.
    ///
    /// - Parameter row: The stage whose row of an evaluation is looked at, if not the last one.
    func figure(_ metric: String, of stage: String, row need: String? = nil) -> Double? {
        guard let result = run.stages.first(where: { $0.id == stage })?.result else { return nil }
        let size = Self.sizes[metric].map { "network.\($0)" }
        guard let rows = result["rows"]?.elements else {
            return need == nil ? size.flatMap { result.value(at: $0)?.double } : nil
        }
        guard let row = need == nil ? rows.last : rows.last(where: { $0["need"]?.text == need }) else { return nil }
        if let size { return row.value(at: size)?.double }
        if let measured = row.value(at: "metrics.\(metric).value") { return measured.double }
        // What was only required, was measured too.
        guard need == nil else { return nil }
        return result["requirements"]?.elements?.first { $0["metric"]?.text == metric }?["measured"]?.double
    }

    /// Whether a requirement on a result is met; one that is relative to a stage looks at that stage's row first.
    func isMet(_ constraint: Objective.Constraint) -> Bool {
        let (stage, metric) = (constraint.result.stage, constraint.result.metric)
        guard let measured = figure(metric, of: stage) else { return false }
        guard let reference = constraint.requirement.stage else {
            return constraint.requirement.isMet(by: measured, reference: nil)
        }
        guard let bound = figure(metric, of: stage, row: reference) ?? figure(metric, of: reference) else {
            return false
        }
        return constraint.requirement.isMet(by: measured, reference: bound)
    }

    private static let sizes = [
        "memory": "memoryBytes", "activationMemory": "activationMemoryBytes", "totalParameters": "totalParameters",
        "learnables": "learnables", "macs": "macs",
    ]
}
