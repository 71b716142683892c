import Documents
import Foundation
import Testing

@Suite struct SweepTests {
    static let sweep = """
        sweep:
          parameters:
            prune.retrain.MaxEpochs: [1, 2]
            quantize.scaling: [affine, power-of-two]
          objective: {maximize: evaluate.accuracy, subjectTo: {evaluate.memory: "<= 64 B"}}

        """

    static func workspace(_ sweep: String = sweep) throws -> Workspace {
        try Workspace(recipe: Workspace.recipe + sweep)
    }

    @Test func `points are written in order, and each can be run by its number`() throws {
        let workspace = try Self.workspace()
        let expanded = try workspace.pare("sweep", "expand", "recipe.yaml")
        #expect(expanded.errors == "")
        #expect(
            expanded.output == """
                point  prune.retrain.MaxEpochs  quantize.scaling
                    0  1                        affine
                    1  1                        power-of-two
                    2  2                        affine
                    3  2                        power-of-two
                4 points
                points: .pare/sweeps/tiny/points

                """)
        let point = try workspace.json(".pare/sweeps/tiny/points/0003.json")
        #expect(point["recipe"] == "../../../../recipe.yaml")
        #expect(point["set"] == ["prune.retrain.MaxEpochs=2", "quantize.scaling=power-of-two"])

        let run = try workspace.pare("sweep", "run", "recipe.yaml", "--point", "3")
        #expect(run.status == 0, "\(run.errors)")
        let record = try workspace.json(".pare/sweeps/tiny/runs/0003/run.json")
        #expect(record["recipe"] == "tiny/0003")
        #expect(
            record["stages"]?.elements?.map { $0["key"] } == point["stages"]?.elements?.map { $0["key"] })
    }

    @Test func `a point whose recipe has changed is refused`() throws {
        let workspace = try Self.workspace()
        #expect(try workspace.pare("sweep", "expand", "recipe.yaml", "--output", "s", "--json").status == 0)
        try workspace.write(
            "recipe.yaml", Workspace.recipe.replacing("MaxEpochs: 12", with: "MaxEpochs: 11") + Self.sweep)
        let run = try workspace.pare("sweep", "run", "recipe.yaml", "--output", "s", "--point", "1")
        #expect(run.status == 1)
        #expect(
            run.errors == """
                error: the recipe or its inputs changed since the plan of 'tiny/0001' was frozen: stage 'train' has \
                another key

                """)
    }

    @Test func `a fault of a point names it, once for all points that have it`() throws {
        let workspace = try Self.workspace(
            """
            sweep:
              parameters:
                prune.goal: [{reduction: 10 %}, {totalParameters: 1}]
                quantize.scaling: [affine, power-of-two]
            """)
        let result = try workspace.pare("sweep", "expand", "recipe.yaml")
        #expect(result.status == 2)
        #expect(
            result.errors == """
                recipe.yaml:19:37: error: stage 'prune' cannot reach 1 total parameters: the structure allows 11 at the least [goal-unreachable]
                19 |     prune.goal: [{reduction: 10 %}, {totalParameters: 1}]
                   |                                     ^~~~~~~~~~~~~~~~~~~~
                   = help: raise the goal, or lower 'minimumFraction'
                recipe.yaml:19:37: note: in point 2 of the sweep, and in 1 other: prune.goal={totalParameters: 1}, quantize.scaling=affine
                1 error

                """)
        #expect(!FileManager.default.fileExists(atPath: workspace.folder.appending(path: ".pare").path))
    }

    @Test(arguments: [
        (["expand", "recipe.yaml", "--output", ""], "--output is empty, expected a folder"),
        (["run", "recipe.yaml", "--point=-1"], "--point is -1, expected 0 or more"),
        (
            ["run", "recipe.yaml", "--point", "1", "--set", "a=b"],
            "--set has no place beside --point, whose options are frozen: give it to 'sweep expand'"
        ),
    ])
    func `wrong usage has the exit status 64`(arguments: [String], message: String) throws {
        let workspace = try Self.workspace()
        let result = try workspace.start(["sweep"] + arguments).end()
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix("Error: \(message)\n"), "\(result.errors)")
    }

    @Test func `a recipe without a sweep has none to expand`() throws {
        let result = try Workspace().pare("sweep", "expand", "recipe.yaml")
        #expect(result.status == 2)
        #expect(
            result.errors == """
                recipe.yaml:2:1: error: the recipe 'tiny' has no sweep [missing-option]
                2 | name: tiny
                  | ^~~~
                  = help: add 'sweep: {parameters: {prune.MaxToPrune: [1, 2]}}' at the top level, or run it with 'pare run'
                1 error

                """)
    }
}
