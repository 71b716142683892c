internal import Diagnostics
package import Documents
internal import Planning
package import Recipes
internal import Training

/// The search of a budget's `pruningFraction: auto`: the recipe with each of some fractions, judged on the validation
/// data.
package struct FractionSearch: Sendable {
    /// What is tried, in ascending order, as far as the structure of the network can reach its goals by it.
    package let fractions: [Double]
    /// The recipe with each fraction, its evaluations on the validation split.
    package let candidates: [ResolvedRecipe]
    /// What makes a candidate the best of those that meet the recipe's requirements and goals.
    package let objective: Objective
    /// The recipe with each fraction.
    private let recipes: [ResolvedRecipe]

    /// What can be tried.
    private static let all = [0, 0.25, 0.5, 0.75, 1]
    /// The split that decides; `test` is left for the figures of the recipe itself.
    package static let split = "validation"
    /// The option that is searched.
    package static let option = "budget.pruningFraction"

    /// The recipe with the fraction that was chosen.
    ///
    /// - Parameters:
    ///   - index: Of a candidate.
    ///   - record: How it was chosen, for the record of the run.
    package func recipe(_ index: Int, record: JSONValue) -> ResolvedRecipe {
        var recipe = recipes[index]
        recipe.stages.search = record
        return recipe
    }
}

// MARK: - Resolving

extension FractionSearch {
    /// Resolves the recipe with each fraction.
    ///
    /// A fraction by which a goal cannot be reached is left out if others are left.
    ///
    /// - Returns: `nil` after a diagnostic.
    static func resolve(
        _ recipe: Recipe, inputs: RecipeInputs, into diagnostics: inout DiagnosticList
    ) -> FractionSearch? {
        let span = recipe.header.span(at: option)
        guard let evaluation = recipe.order.map({ recipe.stages[$0] }).last(where: { $0.kind == EvaluateStage.name })
        else {
            diagnostics.append(.nothingToCompare(recipe.header))
            return nil
        }
        var (fractions, recipes, candidates): ([Double], [ResolvedRecipe], [ResolvedRecipe]) = ([], [], [])
        var (unreachable, faults) = (DiagnosticList(), DiagnosticList())
        for fraction in all {
            let text = JSONValue.number(fraction).canonicalText
            let tried = recipe.with(pruningFraction: ExactDecimal(fraction))
            var found = DiagnosticList()
            if let resolved = ResolvedRecipe.resolve(tried, inputs: inputs, into: &found) {
                let judged = tried.with("split", .string(split), ofStages: EvaluateStage.name)
                    .named("\(recipe.name)/pruningFraction=\(text)")
                if let candidate = ResolvedRecipe.resolve(judged, inputs: inputs, into: &found) {
                    fractions.append(fraction)
                    recipes.append(resolved)
                    candidates.append(candidate)
                    continue
                }
                for fault in found.sorted {
                    faults.append(fault.with("'pruningFraction: auto' compares on the validation data", at: span))
                }
            } else if found.sorted.allSatisfy({ $0.id == .goalUnreachable }) {
                for fault in found.sorted {
                    unreachable.append(fault.with("if the pruningFraction is \(text)", at: span))
                }
            } else {
                faults.append(contentsOf: found)
            }
        }
        if candidates.isEmpty, !faults.hasErrors { faults = unreachable }
        diagnostics.append(contentsOf: faults)
        guard !faults.hasErrors, let first = candidates.first else { return nil }

        let options = first.stages.stages.first { $0.id == evaluation.id }?.options
        let measured = (options?["metrics"]?.elements ?? []).compactMap { $0.text.flatMap(Metric.init) }
        guard let metric = measured.contains(.accuracy) ? .accuracy : measured.first else {
            diagnostics.append(.noMetric(evaluation))
            return nil
        }
        return FractionSearch(
            fractions: fractions, candidates: candidates,
            objective: Objective(
                metric.isHigherBetter ? .maximize : .minimize,
                ResultPath(stage: evaluation.id, metric: metric.rawValue, at: evaluation.kindSpan)), recipes: recipes)
    }
}

extension Diagnostic {
    fileprivate func with(_ note: String, at span: SourceSpan?) -> Diagnostic {
        var fault = self
        fault.notes.append(Note(note, at: span))
        return fault
    }

    fileprivate static func nothingToCompare(_ header: CheckedValue) -> Diagnostic {
        Diagnostic(
            .missingOption, "'pruningFraction: auto' compares by an evaluate stage, and the recipe has none",
            at: header.keySpan(at: FractionSearch.option), help: ["add '- evaluate' to the stages"])
    }

    fileprivate static func noMetric(_ stage: StageDeclaration) -> Diagnostic {
        Diagnostic(
            .missingOption, "'pruningFraction: auto' compares by a metric, and stage '\(stage.id)' has none",
            at: stage.options.span(at: "metrics"), help: ["add 'accuracy' to its metrics"])
    }
}
