internal import ArgumentParser
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
        let recipes = try arguments.load()
        if locked { _ = try LockedRecipes(recipes, arguments) }
        guard !arguments.json else { return }
        for recipe in recipes {
            let count = recipe.stages.stages.count
            Output.write("\(recipe.file): \(count) stage\(count == 1 ? "" : "s"), no mistakes\n")
        }
    }
}
