internal import ArgumentParser
internal import Checkpoints
internal import Diagnostics
internal import Documents
internal import Execution
internal import Foundation
internal import Reports
internal import Stages
internal import Sweeps

internal import struct Recipes.Objective
internal import struct Recipes.Override
internal import struct Recipes.Recipe
internal import struct Recipes.Sweep

extension SweepArguments {
    /// Reads the runs of the points, writes `sweep.json` and the recipe of the best point, and shows what came of it.
    ///
    /// - Parameters:
    ///   - recipe: The recipe, which has the objective.
    ///   - folder: The folder of its sweep.
    ///   - best: The file for the best recipe, if another than that of the folder.
    ///   - isFrozen: Whether the points are of another time, so that the best one has to be compared with the recipe.
    /// - Throws: ``SweepError`` if points cannot be read or results not be written; the exit status of the sweep if it
    ///   is not 0.
    func collect(_ recipe: Recipe, in folder: SweepFolder, best: String?, isFrozen: Bool = false) throws {
        let result = try folder.result(name: recipe.name, objective: recipe.sweep?.objective)
        var file: String?
        if result.best == nil { try folder.removeBest() }
        if let point = result.best {
            // What is written as the best recipe is what was measured.
            if isFrozen { _ = try RecipeLoader.load(point: folder.pointPath(point), json: json) }
            file = best ?? folder.bestPath
            try writeBest(of: result, point, from: recipe, in: folder, to: file ?? "")
        }
        try folder.write(result)
        if json {
            var event = result.document
            event["event"] = "sweep.finished"
            event["folder"] = .string(folder.path)
            event["bestRecipe"] = file.map { .string($0) } ?? .null
            Output.write(event.canonicalText + "\n")
        } else {
            Output.write(SweepReport(result, style: Output.results.style).text)
            if let file { Output.write("best recipe: \(file)\n") }
            Output.write("sweep: \(folder.path)\n")
        }
        if result.exitStatus != .done { throw ExitCode(result.exitStatus.rawValue) }
    }

    private func writeBest(
        of result: SweepResult, _ number: Int, from recipe: Recipe, in folder: SweepFolder, to file: String
    ) throws {
        let point = try folder.point(number)
        let source = recipe.source.name
        let home = source.lastIndex(of: "/").map { String(source[...$0]) } ?? ""
        let target = try folder.prepareFolder(of: file)
        let figures = result.points[number].figures.map { figure in
            "\(figure.path) \(figure.value.map { JSONValue.number($0).canonicalText } ?? "not finite")"
        }
        // A name of its own: it may run beside the recipe.
        let settings = point.settings + ["name=\(recipe.name)-best"]
        let text = try Recipe.text(
            of: recipe.source, overrides: settings.map { Override($0) }, kinds: StageKinds.schemas,
            comment: [
                SweepFolder.bestHeading(number, of: try DiskFileSystem.path(of: source, from: target)),
                point.settings.joined(separator: ", "), figures.joined(separator: ", "),
            ]
        ) { path in
            path.hasPrefix("/") ? path : try DiskFileSystem.path(of: home + path, from: target)
        }
        try folder.write(Data(text.utf8), to: file)
    }
}
