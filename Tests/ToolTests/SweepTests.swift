import Documents
import Foundation
import Testing

@Suite struct SweepTests {
    static let sweep = """
        sweep:
          parameters:
            prune.retrain.MaxEpochs: [1, 2]
            quantize.scaling: [affine, power-of-two]
          objective: {maximize: evaluate.accuracy, subjectTo: {evaluate.memory: "<= 1 KiB"}}

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
        (
            ["run", "recipe.yaml", "--point", "1", "--best", "b.yaml"],
            "--best has no place beside --point: give it to 'sweep collect', which compares points"
        ),
        (
            ["run", "recipe.yaml", "--best", "recipe.yaml"],
            "'recipe.yaml' is the recipe of the sweep: name another file with --best"
        ),
        (
            ["collect", "recipe.yaml", "--best", "tiny.yaml"],
            "'tiny.yaml' is no best recipe of a sweep, so it is not replaced: name another file with --best"
        ),
        (
            ["run", "recipe.yaml", "--best", "data"],
            "'data' is a folder, expected a file: name another file with --best"
        ),
        (
            ["run", "recipe.yaml", "--best", "new/"],
            "'new/' is a folder, expected a file: name another file with --best"
        ),
    ])
    func `wrong usage has the exit status 64`(arguments: [String], message: String) throws {
        let workspace = try Self.workspace()
        let result = try workspace.start(["sweep"] + arguments).end()
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix("Error: \(message)\n"), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: workspace.folder.appending(path: ".pare").path))
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

// MARK: - All points

extension SweepTests {
    @Test func `a sweep runs what points share once, and ends with a table, the Pareto set and the best recipe`() throws
    {
        let workspace = try Self.workspace()
        let first = try workspace.pare("sweep", "run", "recipe.yaml", "--jobs", "2")
        #expect(first.status == 0, "\(first.output)\(first.errors)")
        #expect(first.errors == "")
        let runs = try (0..<4).map { try workspace.statuses(".pare/sweeps/tiny/runs/000\($0)") }
        // load and train once, two prunings, four quantizations and evaluations.
        #expect(runs.joined().count { $0 == "ran" } == 2 + 2 + 4 + 4)
        #expect(first.output.contains("\npoint  prune.retrain.MaxEpochs  quantize.scaling  evaluate.accuracy"))
        #expect(first.output.contains("\nPareto set of evaluate.accuracy against memory:\n"))
        #expect(first.output.contains("\n4 points: 4 done\nbest: point "))
        #expect(first.output.hasSuffix("\nbest recipe: .pare/sweeps/tiny/best.yaml\nsweep: .pare/sweeps/tiny\n"))
        #expect(!first.output.contains("started"))

        let result = try workspace.json(".pare/sweeps/tiny/sweep.json")
        #expect(result["points"]?.elements?.count == 4)
        let files = ["sweep": "sweep.json", "point": "points/0003.json", "run": "runs/0000/run.json"]
        #expect(
            try ShippedFilesTests.faults(
                files.map { ("\($0).schema.json", workspace.folder.appending(path: ".pare/sweeps/tiny/\($1)")) })
                == "")

        // Again there is nothing to do, and the same comes of it.
        let again = try workspace.pare("sweep", "run", "recipe.yaml")
        #expect(again.status == 0)
        #expect(
            try (0..<4).flatMap { try workspace.statuses(".pare/sweeps/tiny/runs/000\($0)") }.allSatisfy {
                $0 == "reused"
            })
        #expect(try workspace.json(".pare/sweeps/tiny/sweep.json") == result)
        let collected = try workspace.pare("sweep", "collect", "recipe.yaml")
        #expect(collected.status == 0)
        #expect(first.output.hasSuffix(collected.output))

        // The best recipe stands for itself: all it asks for is there.
        let best = try #require(result["best"]?.whole)
        let text = try String(
            contentsOf: workspace.folder.appending(path: ".pare/sweeps/tiny/best.yaml"), encoding: .utf8)
        #expect(text.hasPrefix("# Point \(best) of the sweep in ../../../recipe.yaml:\n# prune.retrain.MaxEpochs="))
        #expect(text.contains("    network: ../../../tiny.yaml\n    data: ../../../data\n"))
        #expect(!text.contains("sweep:"))
        let plan = try workspace.pare("plan", ".pare/sweeps/tiny/best.yaml", "--json")
        #expect(text.contains("\nname: tiny-best\n"))
        #expect(try workspace.pare("check", "recipe.yaml", ".pare/sweeps/tiny/best.yaml").status == 0)
        let keys = try plan.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(keys.allSatisfy { $0["decision"] == "reuse" } && keys.count == 5, "\(plan.output)\(plan.errors)")
        let run = try workspace.json(".pare/sweeps/tiny/runs/000\(best)/run.json")
        #expect(run["stages"]?.elements?.map { $0["key"] } == keys.map { $0["key"] })
    }

    @Test func `points that jobs ran apart are collected, and those that are missing are said`() throws {
        let workspace = try Self.workspace()
        #expect(try workspace.pare("sweep", "expand", "recipe.yaml", "--output", "s").status == 0)
        let point = ["sweep", "run", "recipe.yaml", "--output", "s", "--point"]
        let jobs = try [0, 3].map { try workspace.start(point + ["\($0)"]) }
        for job in jobs { #expect(try job.end().status == 0) }
        let other = try workspace.pare("sweep", "collect", "recipe.yaml", "--output", "s", "--set", "seed=99")
        #expect(other.status == 1)
        #expect(
            other.errors == """
                error: the points in 's' were not written with --set seed=99: leave it out, or run the sweep with it

                """)
        let collected = try workspace.pare("sweep", "collect", "recipe.yaml", "--output", "s", "--best", "out/b.yaml")
        #expect(collected.status == 1)
        #expect(collected.output.contains("\n4 points: 2 done, 2 missing\nbest: point "))
        #expect(collected.output.hasSuffix("\nbest recipe: out/b.yaml\nsweep: s\n"))
        #expect(try workspace.pare("plan", "out/b.yaml").output.hasSuffix("\n0 of 5 stages would run\n"))

        let whole = try workspace.pare("sweep", "run", "recipe.yaml", "--output", "s", "--json")
        #expect(whole.status == 0)
        let events = try whole.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(events.compactMap { $0["event"] == "point.finished" ? $0["point"]?.whole : nil } == [0, 1, 2, 3])
        #expect(events.last?["event"] == "sweep.finished" && events.last?["exitStatus"] == 0)

        // What was measured is not what the recipe says any more.
        try workspace.write(
            "recipe.yaml", Workspace.recipe.replacing("MaxEpochs: 12", with: "MaxEpochs: 11") + Self.sweep)
        let changed = try workspace.pare("sweep", "collect", "recipe.yaml", "--output", "s")
        #expect(changed.status == 1)
        #expect(changed.errors.contains("the recipe or its inputs changed since the plan of 'tiny/000"))
        #expect(try workspace.pare("sweep", "expand", "recipe.yaml", "--output", "s").status == 0)
        let outdated = try workspace.pare("sweep", "collect", "recipe.yaml", "--output", "s")
        #expect(outdated.status == 1)
        #expect(outdated.output.contains("\n4 points: 4 outdated\noutdated points were run before the recipe"))
    }

    @Test func `a point that fails does not stop the others, unless that is asked for`() throws {
        let workspace = try Self.workspace(
            """
            sweep:
              parameters: {prune.retrain.InitialLearnRate: [1e38, 0.02, 0.01]}
              objective: {minimize: quantize.memory}
            """)
        let all = try workspace.pare("sweep", "run", "recipe.yaml", "--output", "all")
        #expect(all.status == 1)
        #expect(all.output.contains("\n3 points: 2 done, 1 failed\n"), "\(all.output)")
        #expect(all.errors.contains("error: stage 'prune' of 'tiny/0000' failed: "))
        #expect(all.errors.hasSuffix(" sweep run recipe.yaml --output all\n"))
        let fast = try workspace.pare(
            "sweep", "run", "recipe.yaml", "--output", "fast", "--fail-fast", "--store", "other")
        #expect(fast.status == 1)
        #expect(fast.output.contains("\n3 points: 1 failed, 2 unfinished\n"), "\(fast.output)")
    }

    @Test func `a sweep of which no point meets what is asked for has the exit status 3`() throws {
        let workspace = try Self.workspace(Self.sweep.replacing("1 KiB", with: "1 B"))
        let result = try workspace.pare("sweep", "run", "recipe.yaml")
        #expect(result.status == 3)
        #expect(result.errors == "")
        #expect(result.output.contains("\nbest of those that miss something: point "))
        #expect(result.output.hasSuffix("\nno point meets what is asked for\nsweep: .pare/sweeps/tiny\n"))
        #expect(!workspace.has(".pare/sweeps/tiny/best.yaml"))
        #expect(try workspace.json(".pare/sweeps/tiny/sweep.json")["best"] == .null)
    }

    @Test func `results of before do not stand beside other points, and what is done stays done`() throws {
        let workspace = try Self.workspace(
            """
            sweep:
              parameters: {prune.retrain.InitialLearnRate: [1e38, 0.02, 0.01]}
              objective: {maximize: evaluate.accuracy}
            """)
        let sweep = ".pare/sweeps/tiny"
        let run = ["sweep", "run", "recipe.yaml"]
        let first = try workspace.start(run).end()
        #expect(first.status == 1)
        #expect(workspace.has("\(sweep)/best.yaml"))
        // Nothing of point 0 can be made, and the others are there.
        let again = try workspace.start(run + ["--fail-fast"]).end()
        #expect(again.status == 1)
        #expect(again.output.contains("\n3 points: 2 done, 1 failed\n"), "\(again.output)")
        #expect(try workspace.statuses("\(sweep)/runs/0002") == Array(repeating: "reused", count: 5))
        #expect(workspace.has("\(sweep)/best.yaml"))
        // Without what was there, the first failure ends it all.
        let other = try workspace.start(run + ["--fail-fast", "--store", "other"]).end()
        #expect(other.status == 1)
        #expect(other.output.contains("\n3 points: 1 failed, 2 unfinished\n"), "\(other.output)")
        #expect(!other.output.contains("not finite"), "\(other.output)")
        #expect(!other.output.contains("\npoint 1  "), "\(other.output)")
        #expect(!workspace.has("\(sweep)/best.yaml"))
        #expect(workspace.has("\(sweep)/sweep.json"))
        // A limited run compares nothing.
        let limited = try workspace.start(run + ["--until", "train"]).end()
        #expect(limited.status == 0, "\(limited.errors)")
        #expect(!limited.output.contains("not finite"), "\(limited.output)")
        #expect(limited.output.contains("\npoint 2  unfinished"), "\(limited.output)")
        #expect(!workspace.has("\(sweep)/sweep.json"))
        // A file of one's own stays.
        try workspace.write("\(sweep)/best.yaml", "mine: true\n")
        let refused = try workspace.start(run).end()
        #expect(refused.status == 64)
        #expect(
            refused.errors.hasPrefix(
                "Error: '\(sweep)/best.yaml' is no best recipe of a sweep, so it is not replaced: name another file "
                    + "with --best\n"), "\(refused.errors)")
        #expect(try workspace.pare("sweep", "expand", "recipe.yaml").status == 0)
        #expect(workspace.has("\(sweep)/best.yaml"))
    }

    @Test func `a sweep that is killed goes on, and ends in the same bytes`() throws {
        let quiet = try Self.workspace()
        #expect(try quiet.pare("sweep", "run", "recipe.yaml").status == 0)
        let workspace = try Self.workspace()
        let command = ["sweep", "run", "recipe.yaml", "--checkpoint-interval", "0"]
        for milliseconds in [40, 90, 140] {
            let running = try workspace.start(command)
            Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
            running.send(SIGKILL)
            _ = try running.end()
        }
        #expect(try workspace.start(command).end().status == 0)
        for point in 0..<4 {
            let run = ".pare/sweeps/tiny/runs/000\(point)"
            #expect(try workspace.results(run) == quiet.results(run))
        }
        #expect(try workspace.json(".pare/sweeps/tiny/sweep.json") == quiet.json(".pare/sweeps/tiny/sweep.json"))
    }
}

// MARK: - The shipped sweep

extension SweepTests {
    @Test func `40 points of the road recipe take 1 load, 5 prunings, 20 projections and 40 quantizations`() throws {
        let workspace = try Workspace()
        // Short trainings: what is counted does not depend on them.
        let short = ["prune.epochs=1", "prune.retrain.MaxEpochs=1", "project.retrain.MaxEpochs=1"]
        let recipe = ShippedFilesTests.root.appending(path: "pipelines/road-damage-sweep.yaml").path
        let result = try workspace.start(
            ["sweep", "run", recipe, "--output", "s", "--jobs", "2"] + short.flatMap { ["--set", $0] }
        ).end()
        #expect([0, 3].contains(result.status), "\(result.errors)")
        var counts: [String: Int] = [:]
        for point in 0..<40 {
            let run = try workspace.json("s/runs/00\(point < 10 ? "0" : "")\(point)/run.json")
            for stage in run["stages"]?.elements ?? [] where stage["status"] == "ran" {
                counts[stage["kind"]?.text ?? "", default: 0] += 1
            }
        }
        #expect(counts == ["load": 1, "prune": 5, "pca": 5, "project": 20, "quantize": 40, "evaluate": 40])
    }
}
