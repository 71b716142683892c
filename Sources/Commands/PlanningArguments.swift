internal import ArgumentParser
internal import Checkpoints
internal import Execution
internal import Planning
internal import Stages

/// What decides which stages run.
struct PlanningArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The folder that keeps what was made.", valueName: "dir"))
    var store = ".pare/store"

    @Option(
        help: ArgumentHelp(
            "Make this stage again, and all that reads what it makes, in every recipe that has it.",
            valueName: "stage"))
    var from: String?

    @Option(help: ArgumentHelp("Limit each recipe to this stage and those it depends on.", valueName: "stage"))
    var until: String?

    @Flag(help: "Make every stage again, whatever the store holds.")
    var fresh = false

    func validate() throws {
        // An unset variable of a shell; files below an empty path would be put into the root.
        if store.isEmpty { throw ValidationError("--store is empty, expected a folder") }
        if fresh, from != nil { throw ValidationError("--fresh makes every stage again: leave out --from") }
    }

    /// The option that has stages made again whatever the store holds, if one was given.
    var forcingOption: String? { fresh ? "--fresh" : from == nil ? nil : "--from" }

    /// The options that limit a run to some stages.
    var limits: [String] { until.map { ["--until", $0] } ?? [] }
}

extension PlanningArguments {
    /// The recipes with what the store already says of their searches.
    ///
    /// - Throws: The exit status 1 if the store cannot be read.
    func settled(_ recipes: [ResolvedRecipe]) throws -> [ResolvedRecipe] {
        try forcingOption != nil ? recipes : Output.attempt { try recipes.map { try $0.settled(in: Store(at: store)) } }
    }

    /// Plans the run of some recipes.
    ///
    /// - Parameters:
    ///   - recipes: What to plan.
    ///   - claiming: Whether to claim the records first, so that nobody removes them before the run has ended; that
    ///     writes to the store.
    /// - Returns: The plan, and the store, which holds what is claimed while it lives.
    /// - Throws: The exit status 1 if a recipe has to search for an option first or the store cannot be read, a usage error if there is no stage `from` or `until`.
    func plan(_ recipes: [ResolvedRecipe], claiming: Bool = true) throws -> (plan: RunPlan, store: Store) {
        do {
            for recipe in recipes { try recipe.requireSettled() }
            var store = try Store(at: store)
            let graph = StageGraph(recipes.map(\.stages))
            if claiming {
                // Options that do not fit the recipes are reported before anything is written; the store is not asked.
                _ = try RunPlan(graph, holdings: store, fresh: true, from: from, until: until)
                store = try store.claiming(graph.nodes.map(\.key), wait: Output.waitForStore(store))
            }
            return (try RunPlan(graph, holdings: store, fresh: fresh, from: from, until: until), store)
        } catch let error as PlanningError {
            throw ValidationError(error.message)
        } catch {
            Output.fail(error)
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }
}
