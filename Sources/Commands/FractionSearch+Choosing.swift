internal import Checkpoints
internal import Documents
internal import Execution
internal import Foundation
internal import Planning
internal import Recipes
internal import Stages
internal import Sweeps

extension FractionSearch {
    /// The recipe with the fraction that is best by the runs of the candidates, and how it was chosen.
    ///
    /// - Parameter runs: Those of the candidates among others.
    /// - Returns: `nil` if a candidate has not come to its end, or none has a figure to compare.
    func settled(by runs: [RunRecord], name: String) -> ResolvedRecipe? {
        let outcomes = candidates.enumerated().compactMap { index, candidate in
            runs.first { $0.recipe == candidate.stages.name }.map {
                SweepOutcome(
                    index, settings: ["\(Self.option)=\(Self.text(fractions[index]))"], run: $0, objective: objective)
            }
        }
        let result = SweepResult(name: name, objective: objective, points: outcomes)
        guard outcomes.count == candidates.count, outcomes.allSatisfy({ $0.status == .done }), let best = result.leader
        else { return nil }
        return recipe(best, record: record(of: result, best))
    }

    /// The recipe with the fraction that is best by what the store holds; `nil` if something is not there yet.
    func settled(in store: Store, name: String) throws -> ResolvedRecipe? {
        let graph = StageGraph(candidates.map(\.stages))
        var reports: [StageReport] = []
        for (index, node) in graph.nodes.enumerated() {
            guard case .complete(let record) = try store.lookUp(node.key) else { return nil }
            let stage = StageIdentity(
                index: index, recipe: node.recipeName, id: node.specification.id, kind: node.specification.kind,
                key: node.key)
            reports.append(StageReport(stage, .reused, started: Date(), record: record))
        }
        let summary = RunSummary(stages: reports, exitStatus: .done, seconds: 0, folders: [])
        return settled(by: RunRecord.all(of: summary), name: name)
    }

    /// The member `search` of `run.json`.
    private func record(of result: SweepResult, _ best: Int) -> JSONValue {
        [
            "option": .string(Self.option), "split": .string(Self.split), "by": .string("\(objective.result)"),
            "chosen": .number(fractions[best]),
            "candidates": .array(
                zip(fractions, result.points).map { fraction, point -> JSONValue in
                    [
                        "value": .number(fraction), "result": point.figures.first?.value.map { .number($0) } ?? .null,
                        "memoryBytes": point.memoryBytes.map { .integer($0) } ?? .null, "met": .boolean(point.isMet),
                    ]
                }),
        ]
    }

    /// A fraction as one writes it.
    static func text(_ fraction: Double) -> String { JSONValue.number(fraction).canonicalText }
}

// MARK: - Recipes that search

extension ResolvedRecipe {
    /// The recipe with what a store says of its search; as it is if that is not there yet.
    func settled(in store: Store) throws -> ResolvedRecipe {
        try search?.settled(in: store, name: stages.name) ?? self
    }

    /// Makes sure that the stages of the recipe are known.
    func requireSettled() throws {
        if search != nil { throw OpenSearch(recipe: stages.name) }
    }

    private struct OpenSearch: Error, CustomStringConvertible {
        let recipe: String

        var description: String {
            "the 'pruningFraction: auto' of '\(recipe)' is not searched yet: run it first with 'pare run', or give it a "
                + "number, as with --set budget.pruningFraction=0.5"
        }
    }
}
