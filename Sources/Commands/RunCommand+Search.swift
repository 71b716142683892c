internal import ArgumentParser
internal import Documents
internal import Execution
internal import Foundation
internal import Planning
internal import Reports
internal import Stages
internal import Sweeps

extension RunCommand {
    /// What recipes came to that had something to try before their stages are known.
    enum Search {
        /// Every recipe, with what was found.
        case settled([ResolvedRecipe])
        /// A stage failed, or the run was stopped.
        case ended(Execution)
    }

    /// Runs what recipes have to try before their stages are known, as one graph.
    ///
    /// - Parameters:
    ///   - recipes: All recipes of the command.
    ///   - folders: Gives the folder of each one's run; those of candidates are in it.
    func search(_ recipes: [ResolvedRecipe], folders: (Date) -> [String]) throws -> Search {
        // On a cluster a stage is a job, planned before anything runs: an open search is refused there.
        guard recipes.contains(where: { $0.search != nil }), cluster.executor != .slurm else {
            return .settled(recipes)
        }
        var planning = planning
        // A candidate is compared at its end.
        planning.until = nil
        let candidates = recipes.flatMap { $0.search?.candidates ?? [] }
        let (plan, store) = try planning.plan(candidates, claiming: !frozen)
        let json = arguments.json
        let summary = try execution.execute(
            plan, of: candidates, in: store, json: json, keepsGoing: keepGoing, isFrozen: frozen,
            showing: { PointsDisplay($0, showsReused: json, showsEnd: false, of: plan.graph) { _, _ in } },
            folders: { date in
                zip(recipes, folders(date)).flatMap { recipe, folder in
                    (recipe.search?.fractions ?? []).map { "\(folder)/search/\(FractionSearch.text($0))" }
                }
            })
        let runs = RunRecord.all(of: summary, plan: plan)
        let settled = recipes.compactMap { recipe -> ResolvedRecipe? in
            guard let search = recipe.search else { return recipe }
            return search.settled(by: runs, name: recipe.stages.name)
        }
        guard settled.count == recipes.count else { return .ended(Execution(plan: plan, summary: summary)) }
        for recipe in settled {
            guard let record = recipe.stages.search else { continue }
            if json {
                var event = record
                event["event"] = "search.finished"
                event["recipe"] = .string(recipe.stages.name)
                Output.write(event.canonicalText + "\n")
            } else {
                Output.write(SearchReport(record, style: Output.results.style).line(of: recipe.stages.name) + "\n")
            }
        }
        return .settled(settled)
    }
}
