package import Diagnostics
internal import Documents
package import Planning
package import Recipes

/// A recipe whose stages are resolved: budget and defaults filled in, inputs read and digested, every key known.
///
/// Nothing has run and nothing was written.
package struct ResolvedRecipe: Sendable {
    package let recipe: Recipe
    /// The stages as the planner takes them.
    package internal(set) var stages: RecipeStages
    /// What each stage reads of the world beside its records, by id.
    let situations: [String: StageSituation]
    /// What has to run before the stages are known; they are none then.
    package var search: FractionSearch?
}

/// What a stage knows of its recipe beside its options and records.
struct StageSituation: Sendable {
    /// The data of its network.
    let data: DataSource?
    /// The network file that a load stage reads.
    let source: NetworkSource?
    /// What the names of its random streams begin with: kind and position among ancestors of that kind.
    let stream: String
    let seed: UInt64
}

extension ResolvedRecipe {
    /// The recipe's file, as the user named it.
    package var file: String { recipe.source.name }

    /// Resolves a checked recipe, stage after stage.
    ///
    /// - Parameters:
    ///   - recipe: What its file says.
    ///   - inputs: The networks and data that were read already, for recipes that share them.
    ///   - diagnostics: Takes every fault that shows before a run: a missing or damaged file, data that do not fit the
    ///     network, a pattern without a match, a goal below what the structure can reach, stages in a wrong order.
    /// - Returns: `nil` if there was a fault.
    package static func resolve(
        _ recipe: Recipe, inputs: RecipeInputs = RecipeInputs(), into diagnostics: inout DiagnosticList
    ) -> ResolvedRecipe? {
        if let budget = recipe.budget, budget.pruningFraction == nil {
            return FractionSearch.resolve(recipe, inputs: inputs, into: &diagnostics).map {
                ResolvedRecipe(
                    recipe: recipe, stages: RecipeStages(name: recipe.name, seed: recipe.seed, stages: []),
                    situations: [:], search: $0)
            }
        }
        var context = ResolvingContext(recipe: recipe, folder: FilePath(recipe.source.name).folder, inputs: inputs)
        var specifications: [String: StageSpecification] = [:]
        var situations: [String: StageSituation] = [:]
        var makers: [String: String] = [:]
        var impliedStages: [String: String] = [:]
        for stage in recipe.order.map({ recipe.stages[$0] }) {
            let kind = StageKinds.kind(stage.kind)
            // A stage whose needs have faults is not judged: its faults would be theirs.
            let references = stage.options.references
            let needs = kind.isSource ? [] : stage.needs
            guard (needs + references.map(\.stage)).allSatisfy({ context.prospects[$0] != nil }),
                let resolution = kind.resolve(stage, in: &context)
            else { continue }
            var prospect = resolution.prospect
            let position = prospect.stages[stage.kind, default: 0]
            situations[stage.id] = StageSituation(
                data: resolution.data ?? prospect.data, source: resolution.source, stream: "\(stage.kind)/\(position)",
                seed: UInt64(recipe.seed))
            if !kind.isTransparent { prospect.stages[stage.kind] = position + 1 }
            context.prospects[stage.id] = prospect
            let networks = needs.map { StageRead(role: "network", id: makers[$0] ?? $0) }
            var reads = networks + references.map { StageRead(role: $0.path, id: makers[$0.stage] ?? $0.stage) }
            if let implied = resolution.implied {
                let id = "\(stage.id).\(implied.maker.name)"
                situations[id] = situations[stage.id]
                specifications[id] = StageSpecification(
                    id: id, kind: implied.maker.name, implementationVersion: implied.maker.version,
                    options: implied.options, needs: needs, reads: networks)
                reads.append(StageRead(role: implied.maker.name, id: id))
                impliedStages[stage.id] = id
            }
            makers[stage.id] = kind.isTransparent ? stage.needs.last.flatMap { makers[$0] } : stage.id
            // Which stage an option names enters the key by what that stage makes.
            let named = references.filter { resolution.options.value(at: $0.path)?.text == $0.stage }
            let keyOptions = named.reduce(resolution.keyOptions ?? resolution.options) { $0.removing($1.path) }
            specifications[stage.id] = StageSpecification(
                id: stage.id, kind: stage.kind, implementationVersion: kind.version, options: resolution.options,
                keyOptions: keyOptions, needs: needs, reads: reads, isTransparent: kind.isTransparent,
                seed: resolution.isRandom ? recipe.seed : nil)
        }
        if let objective = recipe.sweep?.objective {
            SweepResultCheck(stages: specifications).check(objective, into: &context.diagnostics)
        }
        let failed = context.diagnostics.hasErrors
        diagnostics.append(contentsOf: context.diagnostics)
        guard !failed else { return nil }
        return ResolvedRecipe(
            recipe: recipe,
            stages: RecipeStages(
                name: recipe.name, seed: recipe.seed,
                stages: recipe.stages.flatMap { stage in
                    [impliedStages[stage.id], stage.id].compactMap { $0.flatMap { specifications[$0] } }
                }),
            situations: situations)
    }
}
