internal import Documents
internal import Execution
internal import Foundation
package import Recipes

extension SweepFolder {
    /// Reads what the runs of the points left, whoever made them: one process or many jobs.
    ///
    /// - Parameters:
    ///   - name: The name of the recipe.
    ///   - objective: What makes a point better than another.
    /// - Throws: ``SweepError`` if the points cannot be read; what is wrong with a run is said of its point.
    package func result(name: String, objective: Objective?) throws(SweepError) -> SweepResult {
        var outcomes: [SweepOutcome] = []
        for (number, point) in try points().enumerated() {
            outcomes.append(try outcome(of: point, number, objective))
        }
        return SweepResult(name: name, objective: objective, points: outcomes)
    }

    private func outcome(
        of point: PointFile, _ number: Int, _ objective: Objective?
    ) throws(SweepError) -> SweepOutcome {
        guard try exists(runPath(number) + "/run.json") else {
            return SweepOutcome(number, settings: point.settings, status: .missing)
        }
        do {
            let run = try RunRecord(reading: runPath(number))
            return SweepOutcome(
                number, settings: point.settings, run: run, objective: objective,
                isCurrent: run.stages.map(\.key) == point.stages.map(\.key))
        } catch {
            return SweepOutcome(number, settings: point.settings, status: .unfinished, message: error.message)
        }
    }

    /// Writes `sweep.json`.
    package func write(_ result: SweepResult) throws(SweepError) {
        try write(Data(result.document.prettyText.utf8), to: resultPath)
    }
}
