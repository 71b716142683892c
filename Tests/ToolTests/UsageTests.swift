import Documents
import Foundation
import Testing

@Suite struct UsageTests {
    @Test(
        arguments: [
            (["run"], "Error: Missing expected argument '<recipes> ...'"),
            (["run", "recipe.yaml", "--jobs", "0"], "Error: --jobs is 0, expected 1 to 1024"),
            (["run", "recipe.yaml", "--store", ""], "Error: --store is empty, expected a folder"),
            (["plan", "recipe.yaml", "--store", ""], "Error: --store is empty, expected a folder"),
            (["run", "recipe.yaml", "--output", ""], "Error: --output is empty, expected a folder"),
            (["run", "recipe.yaml", "--threads", "0"], "Error: --threads is 0, expected 1 to 1024"),
            (
                ["run", "recipe.yaml", "--checkpoint-interval=-1"],
                "Error: --checkpoint-interval is -1.0, expected 0 or more seconds"
            ),
            (
                ["run", "recipe.yaml", "--data-memory", "12"],
                "Error: --data-memory is '12', expected a size with a unit, such as 256 MiB"
            ),
            (["run", "recipe.yaml", "--job", "2"], "Error: Unknown option '--job'. Did you mean '--jobs'?"),
            (["walk"], "Error: Unexpected argument 'walk'"),
            (
                ["run", "recipe.yaml", "--until", "prine"],
                "Error: recipe 'tiny' has no stage 'prine': its stages are load, train, prune, quantize, evaluate"
            ),
            (
                ["plan", "recipe.yaml", "--from", "prine"],
                "Error: recipe 'tiny' has no stage 'prine': its stages are load, train, prune, quantize, evaluate"
            ),
            (
                ["run", "recipe.yaml", "--from", "quantize", "--until", "prune"],
                "Error: stage 'quantize' is not needed for 'prune', so there is nothing to make again from it"
            ),
            (
                ["run", "recipe.yaml", "--from", "prune", "--fresh"],
                "Error: --fresh makes every stage again: leave out --from"
            ),
            (
                ["run", "recipe.yaml", "--frozen", "--fresh"],
                "Error: --frozen makes nothing and --fresh makes stages again: leave out one of them"
            ),
            (
                ["run", "recipe.yaml", "--frozen", "--from=prune"],
                "Error: --frozen makes nothing and --from makes stages again: leave out one of them"
            ),
            (
                ["run", "recipe.yaml", "--detach"],
                "Error: --detach is for jobs of a cluster: add --executor slurm"
            ),
            (
                ["run", "recipe.yaml", "--slurm-option=--time=1"],
                "Error: --slurm-option is for jobs of a cluster: add --executor slurm"
            ),
            (
                ["run", "recipe.yaml", "--executor", "slurm", "--slurm-option", "gpu"],
                "Error: --slurm-option is 'gpu', expected an option of sbatch, such as --partition=gpu"
            ),
            (
                ["run", "recipe.yaml", "--executor", "slurm", "--frozen"],
                "Error: --frozen makes nothing: leave out --executor slurm"
            ),
            (
                ["run", "recipe.yaml", "--executor", "slurm", "--from", "prune"],
                "Error: --from makes stages again, and a job of Slurm may start more than once: name another --store"
            ),
            (
                ["sweep", "run", "recipe.yaml", "--executor", "slurm", "--fail-fast"],
                "Error: --fail-fast has no place beside --executor slurm, whose tasks are whole points"
            ),
            (
                ["sweep", "run", "recipe.yaml", "--executor", "slurm", "--point", "1"],
                "Error: --point runs one point on this machine: leave out --executor slurm"
            ),
            (
                ["run", "recipe.yaml", "point.json"],
                "Error: 'point.json' is frozen and 'recipe.yaml' is not: run one after the other"
            ),
            (
                ["run", "point.json", "--set", "seed=1"],
                "Error: --set has no place beside 'point.json', whose options are frozen"
            ),
        ])
    func `a wrong command line has the exit status 64 and writes nothing`(
        arguments: [String], message: String
    ) throws {
        let workspace = try Workspace()
        let result = try workspace.start(arguments).end()
        #expect(result.status == 64)
        #expect(result.output == "")
        #expect(result.errors.split(separator: "\n").first.map(String.init) == message)
        #expect(!FileManager.default.fileExists(atPath: workspace.folder.appending(path: ".pare").path))
    }

    @Test func `what is found to be wrong late shows the usage of the command, as what is found early does`() throws {
        let workspace = try Workspace()
        let results = try [["--from", "prine"], ["--store", ""]].map { options in
            try workspace.start(["plan", "recipe.yaml"] + options).end()
        }
        #expect(results.map(\.status) == [64, 64])
        let lines = results.map { $0.errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
        #expect(
            lines[0].first
                == "Error: recipe 'tiny' has no stage 'prine': its stages are load, train, prune, quantize, evaluate")
        #expect(lines[0].dropFirst().first?.hasPrefix("Usage: pare plan ") == true, "\(lines[0])")
        #expect(Array(lines[0].dropFirst()) == Array(lines[1].dropFirst()))
    }

    @Test func `the version is printed`() throws {
        let result = try Workspace().pare("--version")
        #expect(result.output == "0.1.0\n")
        #expect(result.status == 0)
    }

    @Test(arguments: ["run", "check", "plan"])
    func `recipes that cannot be read are named, all of them`(command: String) throws {
        let result = try Workspace().pare(command, "none.yaml", "data", "recipe.yaml")
        #expect(result.status == 2)
        #expect(result.output == "")
        #expect(
            result.errors == """
                error: there is no recipe 'none.yaml' [file-missing]
                  = help: name a YAML file that exists
                error: 'data' is a folder, expected a recipe [file-missing]
                  = help: name a YAML file in it
                2 errors

                """)
    }

    @Test(arguments: ["run", "check", "plan"])
    func `every fault of a recipe is shown with its place, and nothing is written`(command: String) throws {
        let workspace = try Workspace(
            recipe: """
                version: 1
                name: tiny
                stages:
                  - load: {network: tiny.yaml, data: data}
                  - train: {MaxEpoch: 12}
                  - prune: {MaxToPrune: none}

                """)
        let result = try workspace.pare(command, "recipe.yaml", "--set", "train.MiniBatchSize=some")
        #expect(result.status == 2)
        #expect(result.output == "")
        #expect(
            result.errors == """
                recipe.yaml:5:13: error: unknown option 'MaxEpoch' of 'train' [unknown-option]
                5 |   - train: {MaxEpoch: 12}
                  |             ^~~~~~~~
                  = help: did you mean 'MaxEpochs'? known: initialize, solver, InitialLearnRate, MaxEpochs, MiniBatchSize, Shuffle, groupByLength, augmentation, LearnRateSchedule, LearnRateDropFactor, LearnRateDropPeriod, warmupEpochs, Momentum, GradientDecayFactor, SquaredGradientDecayFactor, Epsilon, L2Regularization, GradientThreshold, GradientThresholdMethod, loss, classWeights, labelSmoothing, huberDelta, teacher, temperature, alpha, ValidationFrequency, ValidationPatience, Metrics, topK, ObjectiveMetricName, OutputNetwork
                recipe.yaml:6:25: error: 'MaxToPrune' must be a whole number from 1 to 1000000, found 'none' [wrong-type]
                6 |   - prune: {MaxToPrune: none}
                  |                         ^~~~
                --set:1:21: error: 'MiniBatchSize' must be a whole number from 1 to 1000000, found 'some' [wrong-type]
                1 | train.MiniBatchSize=some
                  |                     ^~~~
                3 errors

                """)
        #expect(!FileManager.default.fileExists(atPath: workspace.folder.appending(path: ".pare").path))
    }

    @Test func `recipes that run together have names of their own`() throws {
        let workspace = try Workspace()
        try workspace.write("other.yaml", Workspace.recipe)
        let result = try workspace.pare("run", "recipe.yaml", "other.yaml")
        #expect(result.status == 2)
        #expect(
            result.errors == """
                other.yaml:2:7: error: 'tiny' is the name of 'recipe.yaml', too [conflicting-options]
                2 | name: tiny
                  |       ^~~~
                  = help: recipes that run together need names of their own: rename one, or run one after the other
                1 error

                """)
    }

    @Test func `with --json faults are events and nothing else is printed`() throws {
        let result = try Workspace(recipe: "version: 1\n").pare("check", "recipe.yaml", "--json")
        let events = try result.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(result.status == 2)
        #expect(result.errors == "")
        #expect(events.map { $0["event"] } == ["diagnostic", "diagnostic"])
        #expect(events.map { $0["id"] } == ["missing-option", "missing-option"])
    }

    @Test func `a recipe without faults is checked, and nothing is written`() throws {
        let workspace = try Workspace()
        let result = try workspace.pare("check", "recipe.yaml")
        #expect(result.errors == "")
        #expect(result.output == "recipe.yaml: 5 stages, no mistakes\n")
        #expect(result.status == 0)
        #expect(!FileManager.default.fileExists(atPath: workspace.folder.appending(path: ".pare").path))
    }

    @Test func `schemas are printed or written`() throws {
        let workspace = try Workspace()
        let printed = try JSONValue(parsing: try workspace.pare("schema").output)
        let written = try workspace.pare("schema", "--write", "schemas")
        #expect(written.status == 0)
        let names = try #require(printed.members).keys.sorted()
        #expect(names.contains("recipe.schema.json"))
        #expect(
            written.output.split(separator: "\n").map(String.init).sorted() == names.map { "schemas/\($0)" })
        for name in names { #expect(try workspace.json("schemas/\(name)") == printed[name]) }
    }
}
