internal import ArgumentParser
internal import Stages

/// The recipes of a command and what it changes in them.
struct RecipeArguments: ParsableArguments {
    @Argument(help: "The recipes: YAML files, or patterns such as 'pipelines/*.yaml'.")
    var recipes: [String]

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Set an option, as in --set prune.MaxToPrune=4; may be repeated.", valueName: "path=value"))
    var overrides: [String] = []

    @Flag(help: "Print JSON, one object a line, and nothing else.")
    var json = false
}

extension RecipeArguments {
    /// Reads, checks and resolves every recipe, and shows every fault there is.
    ///
    /// - Parameters:
    ///   - dataMemory: The most bytes of a data set's examples that are held in memory.
    ///   - report: Called with what came of each recipe if there was a fault.
    /// - Throws: The exit status 2 if there was a fault.
    func load(
        dataMemory: Int = RecipeInputs.defaultDataMemory, reportingTo report: (RecipeLoader.Loaded) -> Void = { _ in }
    ) throws -> [ResolvedRecipe] {
        let loaded = RecipeLoader(overrides: overrides, dataMemory: dataMemory).load(recipes)
        if loaded.recipes == nil { report(loaded) }
        return try Output.checked(json: json) {
            $0 = loaded.faults
            return loaded.recipes
        }
    }
}
