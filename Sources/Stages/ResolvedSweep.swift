package import Diagnostics
package import Recipes

/// A sweep whose points are resolved: every key of every point is known.
package struct ResolvedSweep: Sendable {
    /// The recipe without any point.
    package let recipe: Recipe
    package let sweep: Sweep
    package let points: [SweepPoint]
    /// The recipe of each point, under the name of the point.
    package let recipes: [ResolvedRecipe]
}

extension ResolvedSweep {
    /// Resolves every point of a recipe's sweep.
    ///
    /// - Parameters:
    ///   - recipe: The recipe, resolved without any point.
    ///   - overrides: What was set when it was read.
    ///   - inputs: What was read for the recipe.
    ///   - diagnostics: Takes each fault once, with a note of the first point that has it.
    /// - Returns: `nil` if the recipe has no sweep, or a point has a fault; both are told.
    package static func resolve(
        _ recipe: Recipe, overrides: [Override], inputs: RecipeInputs, into diagnostics: inout DiagnosticList
    ) -> ResolvedSweep? {
        guard let sweep = recipe.sweep else {
            diagnostics.append(.noSweep(recipe))
            return nil
        }
        let points = sweep.points(seed: recipe.seed)
        var faults = PointFaults()
        let recipes = points.compactMap { point -> ResolvedRecipe? in
            var found = DiagnosticList()
            let read = Recipe.read(
                file: recipe.source, overrides: overrides + point.overrides, kinds: StageKinds.schemas, into: &found)
            let resolved = read.flatMap {
                ResolvedRecipe.resolve($0.named(point.name(in: recipe.name)), inputs: inputs, into: &found)
            }
            if resolved?.search != nil { found.append(.pointSearches(recipe)) }
            faults.note(found, of: point)
            return resolved
        }
        faults.tell(into: &diagnostics)
        guard !diagnostics.hasErrors else { return nil }
        return ResolvedSweep(recipe: recipe, sweep: sweep, points: points, recipes: recipes)
    }
}

/// The faults of points, each with the points that have it.
private struct PointFaults {
    private var order: [Diagnostic] = []
    private var points: [Diagnostic: [SweepPoint]] = [:]

    mutating func note(_ found: DiagnosticList, of point: SweepPoint) {
        for fault in found.sorted {
            if points[fault] == nil { order.append(fault) }
            points[fault, default: []].append(point)
        }
    }

    func tell(into diagnostics: inout DiagnosticList) {
        for var fault in order {
            guard let points = points[fault], let first = points.first else { continue }
            let settings = first.settings.map(\.description).joined(separator: ", ")
            let others = points.count - 1
            let more = others == 0 ? "" : others == 1 ? ", and in 1 other" : ", and in \(others) others"
            fault.notes.append(
                Diagnostic.Note("in point \(first.number) of the sweep\(more): \(settings)", at: first.span))
            diagnostics.append(fault)
        }
    }
}

extension Diagnostic {
    fileprivate static func pointSearches(_ recipe: Recipe) -> Diagnostic {
        Diagnostic(
            .conflictingOptions, "a point of a sweep cannot search for its 'pruningFraction'",
            at: recipe.header.keySpan(at: "budget.pruningFraction"),
            help: ["vary it instead: 'budget.pruningFraction: [0, 0.25, 0.5, 0.75, 1]'"])
    }

    fileprivate static func noSweep(_ recipe: Recipe) -> Diagnostic {
        Diagnostic(
            .missingOption, "the recipe '\(recipe.name)' has no sweep", at: recipe.header.keySpan(at: "name"),
            help: ["add 'sweep: {parameters: {prune.MaxToPrune: [1, 2]}}' at the top level, or run it with 'pare run'"])
    }
}
