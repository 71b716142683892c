import Documents
import Recipes
import Testing

@Suite struct SweepTests {
    static let stages = """
          - load: {network: a}
          - prune: {MaxToPrune: 2, goal: {totalParameters: 9}, retrain: {}}
          - evaluate
        """

    static func points(_ sweep: String, seed: Int = 0, set: [String] = []) throws -> [[String]] {
        let text = SampleKinds.recipe(stages) + "seed: \(seed)\nsweep:\n" + sweep
        let (recipe, faults) = SampleKinds.read(text, set: set)
        #expect(faults == "")
        let read = try #require(recipe)
        return try #require(read.sweep).points(seed: read.seed).map { $0.settings.map(\.description) }
    }

    static func faults(_ sweep: String) -> String {
        SampleKinds.read(SampleKinds.recipe(stages) + "sweep:\n" + sweep).faults
    }

    @Test func `a grid is every combination, the last option varying fastest`() throws {
        let points = try Self.points(
            """
              parameters:
                prune.MaxToPrune: [1, 2, 1]
                prune.goal: [{totalParameters: 5}, {reduction: 75 %}]
            """)
        #expect(
            points == [
                ["prune.MaxToPrune=1", "prune.goal={totalParameters: 5}"],
                ["prune.MaxToPrune=1", "prune.goal={reduction: 75 %}"],
                ["prune.MaxToPrune=2", "prune.goal={totalParameters: 5}"],
                ["prune.MaxToPrune=2", "prune.goal={reduction: 75 %}"],
            ])
    }

    @Test func `a sample is drawn by seed, path and number, and comes up once`() throws {
        let sweep = """
              samples: 6
              parameters:
                prune.MaxToPrune: {from: 1, to: 3}
                prune.minimumFraction: {from: 10 %, to: 0.3}
                prune.retrain.InitialLearnRate: {from: 1e-4, to: 1e-1, scale: log}
                prune.goal.memory: {from: 1 KiB, to: 2 KiB}
                prune.criterion: [taylor, magnitude]
            """
        let points = try Self.points(sweep)
        #expect(points.count == 6)
        #expect(
            points[0] == [
                "prune.MaxToPrune=1", "prune.minimumFraction=0.228724", "prune.retrain.InitialLearnRate=0.001454",
                "prune.goal.memory=1278 B", "prune.criterion=taylor",
            ])
        #expect(try Self.points(sweep) == points)
        #expect(try Self.points(sweep, seed: 1) != points)
        let few = try Self.points("  samples: 50\n  parameters: {prune.MaxToPrune: {from: 1, to: 3}}")
        #expect(Set(few) == [["prune.MaxToPrune=1"], ["prune.MaxToPrune=2"], ["prune.MaxToPrune=3"]])
        #expect(few.count == 3)
    }

    @Test func `drawn numbers stay in their range`() throws {
        for scale in ["linear", "log"] {
            let points = try Self.points(
                "  samples: 2000\n  parameters: {prune.retrain.InitialLearnRate: {from: 0.25, to: 0.5, scale: \(scale)}}"
            )
            let numbers = points.compactMap { $0.first.flatMap { Double($0.split(separator: "=")[1]) } }
            #expect(numbers.count == points.count && numbers.allSatisfy { (0.25...0.5).contains($0) })
            let mean = numbers.reduce(0, +) / Double(numbers.count)
            #expect(abs(mean - (scale == "log" ? 0.25 / 0.6931 : 0.375)) < 0.005)
        }
    }

    @Test(arguments: [
        (
            "  parameters: {}",
            """
            road.yaml:8:15: error: the sweep varies nothing [missing-option]
            8 |   parameters: {}
              |               ^~
              = help: name the path of an option, like 'prune.MaxToPrune: [1, 2]'

            """
        ),
        (
            "  parameters: {prune.MaxToPrune: {from: 1, to: 3}}",
            """
            road.yaml:8:16: error: 'prune.MaxToPrune' is a range, and the sweep has no 'samples' [missing-option]
            8 |   parameters: {prune.MaxToPrune: {from: 1, to: 3}}
              |                ^~~~~~~~~~~~~~~~
              = help: add 'samples: 20' to the sweep to draw 20 points, or list the values to try

            """
        ),
        (
            "  samples: 2\n  parameters: {prune.MaxToPrune: {from: 3, to: 3}}",
            """
            road.yaml:9:48: error: the range of 'prune.MaxToPrune' must rise, found 3 to 3 [out-of-range]
            9 |   parameters: {prune.MaxToPrune: {from: 3, to: 3}}
              |                                                ^

            """
        ),
        (
            "  samples: 2\n  parameters: {prune.minimumFraction: {from: 0, to: 1, scale: log}}",
            """
            road.yaml:9:46: error: a range of logarithms must begin above 0, found 0 [out-of-range]
            9 |   parameters: {prune.minimumFraction: {from: 0, to: 1, scale: log}}
              |                                              ^
              = help: begin above 0, or leave 'scale: log' out

            """
        ),
        (
            "  samples: 2\n  parameters: {prune.criterion: {from: 0, to: 1}}",
            """
            road.yaml:9:33: error: 'prune.criterion' has no range: it must be one of magnitude, taylor [wrong-type]
            9 |   parameters: {prune.criterion: {from: 0, to: 1}}
              |                                 ^~~~~~~~~~~~~~~~
              = help: list the values to try

            """
        ),
        (
            "  samples: 2\n  parameters: {prune.MaxToPrune: {from: 0, to: 1001}, stages: [1], version: [1]}",
            """
            road.yaml:9:41: error: 'prune.MaxToPrune' must be a whole number from 1 to 1000, found 0 [out-of-range]
            9 |   parameters: {prune.MaxToPrune: {from: 0, to: 1001}, stages: [1], version: [1]}
              |                                         ^
            road.yaml:9:55: error: unknown stage or key 'stages' in the path 'stages' [unknown-option]
            9 |   parameters: {prune.MaxToPrune: {from: 0, to: 1001}, stages: [1], version: [1]}
              |                                                       ^~~~~~
              = help: known: load, prune, evaluate, description, seed, budget
            road.yaml:9:68: error: unknown stage or key 'version' in the path 'version' [unknown-option]
            9 |   parameters: {prune.MaxToPrune: {from: 0, to: 1001}, stages: [1], version: [1]}
              |                                                                    ^~~~~~~
              = help: known: load, prune, evaluate, description, seed, budget

            """
        ),
    ])
    func `a fault of a sweep is told`(sweep: String, message: String) {
        #expect(Self.faults(sweep) == message)
    }

    @Test func `a sweep that is too large is refused`() {
        let values = (1...101).map(String.init).joined(separator: ", ")
        let faults = Self.faults(
            "  parameters:\n    prune.MaxToPrune: [\(values)]\n    prune.retrain.MaxEpochs: [\(values)]")
        #expect(faults.hasPrefix("road.yaml:9:5: error: the values give more than 10000 combinations [out-of-range]\n"))
        #expect(
            faults.hasSuffix(
                "  = help: list fewer values, or add 'samples: 100' to the sweep to draw some combinations\n"))
    }
}
