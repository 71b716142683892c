internal import Planning
internal import Stages
internal import Sweeps

extension RecipeLoader {
    /// Resolves the recipe of a frozen piece of work.
    ///
    /// - Parameters:
    ///   - path: The file of the point.
    ///   - dataMemory: The most bytes of a data set's examples that are held in memory.
    ///   - json: Whether faults are shown as JSON lines on standard output.
    /// - Throws: The exit status 1 if there is no such file or its keys are no longer those of its recipe, 2 if the
    ///   recipe has a fault; each after saying so.
    static func load(
        point path: String, dataMemory: Int = RecipeInputs.defaultDataMemory, json: Bool
    ) throws -> ResolvedRecipe {
        let (point, recipe) = try Output.attempt {
            let point = try PointFile.read(path)
            return (point, try point.recipePath(at: path))
        }
        let loader = RecipeLoader(overrides: point.settings, dataMemory: dataMemory)
        let resolved = try Output.checked(json: json) { loader.load(recipe, as: point.name, into: &$0) }
        try Output.attempt { try point.check(StageGraph([resolved.stages])) }
        return resolved
    }

    /// Resolves the recipes of some frozen pieces of work, which are to run together.
    static func load(points paths: [String], dataMemory: Int, json: Bool) throws -> [ResolvedRecipe] {
        let recipes = try paths.map { try load(point: $0, dataMemory: dataMemory, json: json) }
        for (index, recipe) in recipes.enumerated() {
            guard let first = recipes[..<index].firstIndex(where: { $0.stages.name == recipe.stages.name }) else {
                continue
            }
            try Output.attempt { throw SweepError.sameName(recipe.stages.name, paths[first], paths[index]) }
        }
        return recipes
    }
}
