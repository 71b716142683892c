import Documents
import Foundation
import Testing

@Suite struct FractionSearchTests {
    static let recipe = """
        version: 1
        name: tiny
        seed: 3
        budget: {totalParameters: 40, pruningFraction: auto}
        stages:
          - load: {network: tiny.yaml, data: data}
          - train: {MaxEpochs: 12, MiniBatchSize: 8, InitialLearnRate: 0.02}
          - prune: {MaxToPrune: 1, epochs: 1, goal: budget}
          - project: {goal: budget, retrain: {MaxEpochs: 3, MiniBatchSize: 8, InitialLearnRate: 0.02}}
          - quantize
          - evaluate: {needs: [train, quantize], require: {accuracy: ">= 10 %"}}

        """

    static func workspace() throws -> Workspace {
        let workspace = try Workspace(recipe: recipe)
        let path = workspace.folder.appending(path: "data/dataset.yaml")
        let text = try String(contentsOf: path, encoding: .utf8)
        try workspace.write(
            "data/dataset.yaml",
            text.replacing(
                "  test: {file: test.ts}", with: "  validation: {from: train, fraction: 25 %}\n  test: {file: test.ts}")
        )
        return workspace
    }

    /// The fraction that the runs of the recipe with each one, by themselves, would choose.
    static func best(in workspace: Workspace, of fractions: [Double]) throws -> Double? {
        var best: (accuracy: Double, bytes: Int, fraction: Double)?
        for fraction in fractions {
            let output = "alone-\(fraction)"
            _ = try workspace.pare(
                "run", "recipe.yaml", "--store", "alone", "--output", output, "--set",
                "budget.pruningFraction=\(fraction)", "--set", "evaluate.split=validation")
            let row = try #require(try workspace.json("\(output)/06-evaluate.json")["result"]?["rows"]?.elements?.last)
            let found = (
                try #require(row.value(at: "metrics.accuracy.value")?.double),
                try #require(row.value(at: "network.memoryBytes")?.whole), fraction
            )
            if best.map({ (-found.0, found.1) < (-$0.accuracy, $0.bytes) }) ?? true { best = found }
        }
        return best?.fraction
    }

    @Test func `an open fraction becomes the one that is best on the validation data`() throws {
        let workspace = try Self.workspace()
        let plan = try workspace.pare("plan", "recipe.yaml")
        #expect(plan.output.contains("\ntiny/pruningFraction=0.5\n"), "\(plan.output)")
        #expect(
            plan.output.hasSuffix(
                "\ntiny: runs with the budget.pruningFraction that is best of these on the validation data\n"))

        let run = try workspace.pare("run", "recipe.yaml", "--output", "run", "--jobs", "2")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.errors == "")
        let record = try workspace.json("run/run.json")
        let candidates = try #require(record.value(at: "search.candidates")?.elements)
        let fractions = candidates.compactMap { $0["value"]?.double }
        #expect(fractions.count >= 2)
        let chosen = try #require(record.value(at: "search.chosen")?.double)
        #expect(try Self.best(in: workspace, of: fractions) == chosen)
        let line = "tiny: budget.pruningFraction=\(JSONValue.number(chosen).canonicalText) is the best of "
        #expect(run.output.contains("\n" + line + "\(fractions.count) on the validation data\n"))
        #expect(run.output.contains("\nbudget.pruningFraction  evaluate.accuracy (validation)  memory"))
        // The recipe itself is measured on the test data; the rest was made for its candidate.
        #expect(record["stages"]?.elements?.map { $0["status"]?.text == "ran" }.firstIndex(of: true) == 6)
        #expect(try workspace.json("run/06-evaluate.json").value(at: "options.split") == "test")
        let run_json = workspace.folder.appending(path: "run/run.json")
        #expect(try ShippedFilesTests.faults([("run.schema.json", run_json)]) == "")
        #expect(try workspace.pare("show", "run").output.contains("evaluate.accuracy (validation)"))

        // Nothing is left to do, to search or to be made for a lock.
        let again = try workspace.pare("plan", "recipe.yaml")
        #expect(again.output.hasSuffix("\n0 of 7 stages would run\n\(line)\(fractions.count) on the validation data\n"))
        let frozen = try workspace.pare("run", "recipe.yaml", "--frozen", "--output", "frozen", "--json")
        #expect(frozen.status == 0, "\(frozen.errors)")
        let events = try frozen.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(events.count { $0["event"] == "search.finished" && $0["chosen"]?.double == chosen } == 1)
        #expect(events.count { $0["event"] == "run.finished" } == 1)
        #expect(try workspace.pare("lock", "recipe.yaml").status == 0)
        #expect(try workspace.pare("run", "recipe.yaml", "--locked", "--output", "run").status == 0)
        #expect(try workspace.results("frozen") == workspace.results("run"))
    }

    @Test func `a search that is killed goes on, and ends in the same bytes`() throws {
        let quiet = try Self.workspace()
        #expect(try quiet.pare("run", "recipe.yaml", "--output", "run").status == 0)
        let workspace = try Self.workspace()
        let command = ["run", "recipe.yaml", "--output", "run", "--checkpoint-interval", "0"]
        for milliseconds in [40, 80, 120] {
            let running = try workspace.start(command)
            Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
            running.send(SIGKILL)
            _ = try running.end()
        }
        #expect(try workspace.start(command).end().status == 0)
        #expect(try workspace.results("run") == quiet.results("run"))
    }

    @Test func `a candidate that fails ends the run, and none that meets what is asked for the status 3`() throws {
        let workspace = try Self.workspace()
        let failed = try workspace.pare("run", "recipe.yaml", "--set", "train.InitialLearnRate=1e38")
        #expect(failed.status == 1)
        #expect(failed.errors.contains("error: stage 'train' of 'tiny/pruningFraction="))
        let unmet = try workspace.pare("run", "recipe.yaml", "--set", "evaluate.require={memory: <= 1 B}")
        #expect(unmet.status == 3, "\(unmet.errors)")
        #expect(unmet.output.contains("\na requirement or a goal was not met\n"))
    }

    @Test func `a lock needs a search that has ended, and a point of a sweep cannot search`() throws {
        let workspace = try Self.workspace()
        let lock = try workspace.pare("lock", "recipe.yaml")
        #expect(lock.status == 1)
        #expect(
            lock.errors == """
                error: the 'pruningFraction: auto' of 'tiny' is not searched yet: run it first with 'pare run', or give it \
                a number, as with --set budget.pruningFraction=0.5

                """)
        let manifest = try workspace.pare("plan", "recipe.yaml", "--format", "k8s")
        #expect(manifest.status == 1)
        #expect(manifest.output == "" && manifest.errors == lock.errors)
        try workspace.write("recipe.yaml", Self.recipe + "sweep: {parameters: {prune.MaxToPrune: [1, 2]}}\n")
        for command in [
            ["check", "recipe.yaml"], ["sweep", "run", "recipe.yaml", "--executor", "slurm"],
            ["plan", "recipe.yaml", "--format", "k8s"],
        ] {
            let sweep = try workspace.start(command).end()
            #expect(sweep.status == 2)
            #expect(sweep.output == "" && sweep.errors == Self.searchingPoints, "\(command)")
        }
    }

    static let searchingPoints = """
        recipe.yaml:4:31: error: a point of a sweep cannot search for its 'pruningFraction' [conflicting-options]
        4 | budget: {totalParameters: 40, pruningFraction: auto}
          |                               ^~~~~~~~~~~~~~~
          = help: vary it instead: 'budget.pruningFraction: [0, 0.25, 0.5, 0.75, 1]'
        recipe.yaml:12:41: note: in point 0 of the sweep, and in 1 other: prune.MaxToPrune=1
        1 error

        """
}
