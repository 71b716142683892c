internal import ArgumentParser
internal import Stages
internal import Sweeps

/// `pare sweep collect`: what came of the points, wherever they ran.
struct SweepCollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect", abstract: "Compare the points of a sweep that were run, and write the best recipe.",
        discussion: """
            Writes sweep.json into the sweep's folder, and the recipe of the best point as a plain recipe. Exit status: 0 \
            done, 1 a point failed or is missing, 2 the recipe is invalid, 3 no point meets the requirements, 64 usage.
            """)

    @OptionGroup var arguments: SweepArguments
    @OptionGroup var collecting: CollectingArguments

    func run() throws {
        let base = try arguments.base()
        let folder = arguments.folder(of: base.recipe)
        try collecting.check(folder, of: arguments.recipe)
        try Output.attempt { try folder.checkSettings(arguments.overrides) }
        try Output.attempt { try arguments.collect(base.recipe, in: folder, best: collecting.best, isFrozen: true) }
    }
}

/// What is written when a sweep is collected.
struct CollectingArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("The file for the recipe of the best point. (default: best.yaml in the sweep's folder)"))
    var best: String?

    func validate() throws {
        if best?.isEmpty == true { throw ValidationError("--best is empty, expected a file") }
    }

    /// Makes sure, before points are run, that their best recipe may be written.
    ///
    /// - Throws: A usage error if something else has the name of the file, the exit status 1 if it cannot be read.
    func check(_ folder: SweepFolder, of recipe: String) throws {
        do {
            try folder.checkBest(best ?? folder.bestPath, of: recipe)
        } catch  where error.code == .noTarget {
            throw ValidationError(error.message)
        } catch {
            try Output.attempt { throw error }
        }
    }
}
