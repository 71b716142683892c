internal import ArgumentParser
internal import Documents
internal import Reports
internal import Stages
internal import Sweeps

internal import struct Recipes.SweepPoint

/// `pare sweep expand`: the points of a sweep, frozen.
struct SweepExpandCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expand", abstract: "Write a file for each point of a sweep; run nothing.",
        discussion: """
            A point's file has its options and the keys of its stages. 'pare sweep run RECIPE --point N' runs one, on this \
            machine or another, and refuses if the recipe or its inputs have changed since.
            """)

    @OptionGroup var arguments: SweepArguments

    func run() throws {
        let sweep = try arguments.load()
        let folder = arguments.folder(of: sweep.recipe)
        try Output.attempt { try arguments.write(sweep, to: folder) }
        if arguments.json {
            for point in sweep.points {
                let event: JSONValue = [
                    "event": "point.expanded", "point": .integer(point.number),
                    "file": .string(folder.pointPath(point.number)),
                    "set": .array((arguments.overrides + point.settings.map(\.description)).map { .string($0) }),
                ]
                Output.write(event.canonicalText + "\n")
            }
        } else {
            let report = PointsReport(
                options: sweep.points.first?.settings.map(\.path) ?? [],
                values: sweep.points.map { $0.settings.map(\.value) })
            Output.write(report.text(Output.results.style) + "points: \(folder.path)/points\n")
        }
    }
}
