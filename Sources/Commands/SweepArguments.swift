internal import ArgumentParser
internal import Planning
internal import Recipes
internal import Stages
internal import Sweeps

/// The recipe of a sweep, what the command line changes in it, and where the sweep lies.
struct SweepArguments: ParsableArguments {
    @Argument(help: "The recipe: a YAML file with a sweep.")
    var recipe: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Set an option in every point, as in --set prune.MaxToPrune=4; may be repeated.", valueName: "path=value"))
    var overrides: [String] = []

    @Option(help: ArgumentHelp("The folder of the sweep. (default: .pare/sweeps/NAME)", valueName: "dir"))
    var output: String?

    @Flag(help: "Print JSON, one object a line, and nothing else.")
    var json = false

    func validate() throws {
        if output?.isEmpty == true { throw ValidationError("--output is empty, expected a folder") }
    }
}

extension SweepArguments {
    /// Resolves every point of the sweep.
    ///
    /// - Throws: The exit status 2 if there was a fault.
    func load(dataMemory: Int = RecipeInputs.defaultDataMemory) throws -> ResolvedSweep {
        let loader = RecipeLoader(overrides: overrides, dataMemory: dataMemory)
        return try Output.checked(json: json) { loader.loadSweep(recipe, into: &$0) }
    }

    /// Reads the recipe without resolving it.
    ///
    /// - Throws: The exit status 2 if there was a fault.
    func read() throws -> Recipe {
        let loader = RecipeLoader(overrides: overrides, dataMemory: RecipeInputs.defaultDataMemory)
        return try Output.checked(json: json) { loader.read(recipe, into: &$0) }
    }

    /// Resolves the recipe without any point.
    ///
    /// - Throws: The exit status 2 if there was a fault.
    func base() throws -> ResolvedRecipe {
        let loader = RecipeLoader(overrides: overrides, dataMemory: RecipeInputs.defaultDataMemory)
        return try Output.checked(json: json) { loader.load(recipe, into: &$0) }
    }

    /// The folder of the recipe's sweep.
    func folder(of recipe: Recipe) -> SweepFolder {
        SweepFolder(output ?? SweepFolder.standard(forRecipe: recipe.name))
    }

    /// Writes the points of a sweep.
    func write(_ sweep: ResolvedSweep, to folder: SweepFolder) throws(SweepError) {
        let recipe = try folder.prepare(recipe: self.recipe)
        let graph = StageGraph(sweep.recipes.map(\.stages))
        let points = sweep.points.enumerated().map { index, point in
            PointFile(
                recipe: recipe, settings: overrides + point.settings.map(\.description), graph: graph, index: index)
        }
        try folder.write(points)
    }
}
