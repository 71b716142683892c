internal import ArgumentParser
internal import Stages

/// The recipes of a command and what it changes in them.
struct RecipeArguments: ParsableArguments {
    @Argument(help: "The recipes: YAML files.")
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
    /// - Parameter dataMemory: The most bytes of a data set's examples that are held in memory.
    /// - Throws: The exit status 2 if there was a fault.
    func load(dataMemory: Int = RecipeInputs.defaultDataMemory) throws -> [ResolvedRecipe] {
        let loader = RecipeLoader(overrides: overrides, dataMemory: dataMemory)
        return try Output.checked(json: json) { loader.load(recipes, into: &$0) }
    }
}
