internal import ArgumentParser
internal import Diagnostics
internal import Planning
internal import Stages

/// `pare check`: every mistake, no run.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Report every mistake in recipes, their networks and data; run nothing.")

    @OptionGroup var arguments: RecipeArguments

    @Flag(help: "Fail if a recipe or its inputs differ from its lock file.")
    var locked = false

    func validate() throws {
        if locked, arguments.arePoints { throw ValidationError("frozen work has no lock file: leave out --locked") }
    }

    func run() throws {
        let loader = RecipeLoader(overrides: arguments.overrides, dataMemory: RecipeInputs.defaultDataMemory)
        let recipes = try arguments.arePoints ? arguments.load() : arguments.load(by: loader)
        if locked {
            try Output.attempt { for recipe in recipes { try recipe.requireSettled() } }
            _ = try LockedRecipes(recipes, arguments)
        }
        let points = try Output.checked(json: arguments.json) { faults -> [Int]? in
            let counts = recipes.map { arguments.arePoints ? 0 : loader.pointCount(of: $0, into: &faults) }
            return faults.hasErrors ? nil : counts
        }
        guard !arguments.json else { return }
        for (recipe, points) in zip(recipes, points) {
            let stages = (recipe.search?.candidates.first ?? recipe).stages.stages.count
            let sweep = points == 0 ? "" : ", \(points) point\(points == 1 ? "" : "s")"
            Output.write("\(recipe.file): \(stages) stage\(stages == 1 ? "" : "s")\(sweep), no mistakes\n")
        }
    }
}
