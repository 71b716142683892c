internal import ArgumentParser
internal import Stages

/// The recipes of a command and what it changes in them.
struct RecipeArguments: ParsableArguments {
    @Argument(
        help: "The recipes: YAML files, patterns such as 'pipelines/*.yaml', or point files, which hold frozen work.")
    var recipes: [String]

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Set an option, as in --set prune.MaxToPrune=4; may be repeated.", valueName: "path=value"))
    var overrides: [String] = []

    @Flag(help: "Print JSON, one object a line, and nothing else.")
    var json = false

    func validate() throws {
        guard let point = recipes.first(where: \.isPointFile) else { return }
        if let recipe = recipes.first(where: { !$0.isPointFile }) {
            throw ValidationError("'\(point)' is frozen and '\(recipe)' is not: run one after the other")
        }
        if !overrides.isEmpty {
            throw ValidationError("--set has no place beside '\(point)', whose options are frozen")
        }
    }
}

extension RecipeArguments {
    /// Whether frozen work is named, and not recipes.
    var arePoints: Bool { recipes.contains(where: \.isPointFile) }

    /// Reads, checks and resolves every recipe, and shows every fault there is.
    ///
    /// - Parameters:
    ///   - dataMemory: The most bytes of a data set's examples that are held in memory.
    ///   - report: Called with what came of each recipe if there was a fault.
    /// - Throws: The exit status 2 if there was a fault.
    func load(
        dataMemory: Int = RecipeInputs.defaultDataMemory, reportingTo report: (RecipeLoader.Loaded) -> Void = { _ in }
    ) throws -> [ResolvedRecipe] {
        if arePoints { return try RecipeLoader.load(points: recipes, dataMemory: dataMemory, json: json) }
        return try load(by: RecipeLoader(overrides: overrides, dataMemory: dataMemory), reportingTo: report)
    }

    /// The same by a loader that is asked for more later.
    func load(
        by loader: RecipeLoader, reportingTo report: (RecipeLoader.Loaded) -> Void = { _ in }
    ) throws -> [ResolvedRecipe] {
        let loaded = loader.load(recipes)
        if loaded.recipes == nil { report(loaded) }
        return try Output.checked(json: json) {
            $0 = loaded.faults
            return loaded.recipes
        }
    }
}

extension String {
    /// Whether the path is that of a point file and not of a recipe.
    fileprivate var isPointFile: Bool { hasSuffix(".json") }
}
