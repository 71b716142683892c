import Checkpoints
import Documents
import Execution
import Foundation
import Planning
import Synchronization
import TestSupport
import Testing

@Suite struct RunFolderTests {
    static let execution: JSONValue = [
        "started": "2023-11-14T22:13:20.000Z", "seconds": 0, "threads": 2, "host": ["name": "box"],
        "instructionSet": "avx2", "versions": ["pare": "1.0"],
    ]

    @Test func `a run leaves its artifacts, run json and the final network`() throws {
        let scenario = try Scenario()
        let outcome = try scenario.run()
        #expect(
            try scenario.folder.files(below: "run").keys.sorted() == [
                "01-load.json", "02-prune.json", "03-evaluate.json", "04-quantize.json", "network.safetensors",
                "run.json",
            ])
        let nodes = outcome.plan.graph.nodes
        var execution = Self.execution
        execution["reused"] = false
        execution["checkpointSeconds"] = 0
        let expected: JSONValue = [
            "schema": "pare.artifact/1", "id": "quantize", "kind": "quantize",
            "key": .string(nodes[3].key.description), "needs": ["evaluate": .string(nodes[2].key.description)],
            "options": ["value": 4, "steps": 2],
            "result": try #require(outcome.summary.stages[3].record?.result), "execution": execution,
        ]
        #expect(try scenario.document("04-quantize.json").canonicalText == expected.canonicalText)
        let sum = try #require(outcome.summary.stages[3].record?.result["sum"]?.whole)
        #expect(try scenario.folder.files(below: "run")["network.safetensors"] == Data("\(sum)".utf8))
    }

    @Test func `the folder of a recipe is whole when its last stage has ended, whatever the others do`() throws {
        var scenario = try Scenario()
        var other = scenario.recipes[0]
        other.name = "other"
        for index in other.stages.indices { other.stages[index].keyOptions["value"] = 77 }
        scenario.recipes.append(other)
        var seen: [JSONValue?] = []
        let observed = scenario
        _ = try scenario.run(onEvent: { event in
            if case .stageStarted(let stage, _) = event, stage.recipe == "other", stage.id == "load" {
                seen = (0..<2).map { try? observed.document("run.json", of: $0)["exitStatus"] }
            }
        })
        #expect(seen == [0, .null])
        #expect(try scenario.document("run.json", of: 1)["exitStatus"] == 0)
    }

    @Test func `a run until a stage leaves the network of that stage`() throws {
        var scenario = try Scenario()
        scenario.until = "evaluate"
        let outcome = try scenario.run()
        let sum = try #require(outcome.summary.stages[1].record?.result["sum"]?.whole)
        #expect(try scenario.folder.files(below: "run")["network.safetensors"] == Data("\(sum)".utf8))
        #expect(try scenario.document("run.json")["network"] == "network.safetensors")
    }

    @Test func `run json of a run, and of the run after it`() throws {
        let scenario = try Scenario()
        let nodes = try scenario.run().plan.graph.nodes
        func expected(_ status: String, reason: JSONValue?) -> JSONValue {
            let files = ["01-load.json", "02-prune.json", "03-evaluate.json", "04-quantize.json"]
            let stages = zip(nodes, files).map { node, file -> JSONValue in
                var stage: JSONValue = [
                    "id": .string(node.specification.id), "kind": .string(node.specification.kind),
                    "key": .string(node.key.description), "status": .string(status), "seconds": 0,
                    "artifact": .string(file), "requirementsMet": true,
                ]
                stage["reason"] = reason
                return stage
            }
            return [
                "schema": "pare.run/1", "recipe": "road", "seed": 7, "exitStatus": 0, "stages": .array(stages),
                "execution": Self.execution, "network": "network.safetensors",
            ]
        }
        #expect(
            try scenario.document("run.json").canonicalText == expected("ran", reason: "never run").canonicalText)
        _ = try scenario.run()
        #expect(try scenario.document("run.json").canonicalText == expected("reused", reason: nil).canonicalText)
        #expect(try scenario.document("01-load.json").value(at: "execution.reused") == true)
    }

    @Test func `run json of a failed and of an interrupted run`() throws {
        var scenario = try Scenario()
        let token = CancellationToken()
        _ = try scenario.run(cancellation: token) { if $0 == "prune" && $1 == 2 { token.cancel(.interrupted) } }
        func stages(_ member: String) throws -> [JSONValue?] {
            try #require(scenario.document("run.json")["stages"]?.elements).map { $0[member] }
        }
        #expect(try stages("status") == ["ran", "interrupted", "skipped", "skipped"])
        #expect(try stages("artifact") == ["01-load.json", nil, nil, nil])
        #expect(try scenario.document("run.json")["exitStatus"] == 130)
        scenario.set("prune", "fails", "too hot")
        _ = try scenario.run()
        #expect(try stages("status") == ["reused", "failed", "skipped", "skipped"])
        let skipped: JSONValue = "needs prune, which failed"
        #expect(try stages("message") == [nil, "too hot", skipped, skipped])
        #expect(try scenario.document("run.json")["exitStatus"] == 1)
        #expect(try scenario.document("run.json")["network"] == nil)
    }

    @Test func `while a stage runs, run json stands as if the run were killed`() throws {
        var scenario = try Scenario()
        let clock = FakeClock()
        var seen: [String] = []
        let path = scenario.folders[0]
        // Each event is a second later, so that run.json is written after each.
        scenario.uptime = { clock.value }
        _ = try scenario.run(
            onEvent: { event in
                clock.advance(by: 1)
                guard case .stageProgress(let stage, _, _) = event, stage.id == "quantize" else { return }
                let run = try? JSONValue(parsing: Data(contentsOf: URL(filePath: path + "/run.json")))
                let statuses = (run?["stages"]?.elements ?? []).compactMap { $0["status"]?.text }
                seen.append(statuses.joined(separator: " ") + " \(run?["exitStatus"]?.isNull == true)")
            })
        let last = seen.last
        #expect(last?.hasPrefix("ran ran") == true)
        #expect(last?.hasSuffix("true") == true)
    }

    @Test func `a run into the folder of an earlier one leaves nothing of that`() throws {
        var scenario = try Scenario()
        _ = try scenario.run()
        try Data("mine".utf8).write(to: URL(filePath: scenario.folders[0] + "/notes.txt"))
        scenario.recipes[0].stages = [Scenario.stage("other", value: 1, isTransparent: true)]
        _ = try scenario.run()
        #expect(try scenario.folder.files(below: "run").keys.sorted() == ["01-other.json", "notes.txt", "run.json"])
    }

    @Test func `an unwritable output is found before anything runs`() throws {
        let scenario = try Scenario()
        try Data().write(to: URL(filePath: scenario.folders[0]))
        let error = try #require(throws: ExecutionError.self) { try scenario.run() }
        #expect(error.code == .output)
        #expect(
            error.description == "not a directory while creating the folder '\(scenario.folders[0])': "
                + "name another folder with --output")
        #expect(try scenario.records() == [:])
    }

    @Test func `folders of runs`() throws {
        let date = Date(timeIntervalSince1970: 1_700_000_000)
        let runs = try TemporaryFolder()
        func folders(_ names: [String], _ output: String?) -> [String] {
            Executor.folders(forRecipes: names, output: output, date: date, runs: runs.path)
        }
        #expect(folders(["road"], "out") == ["out"])
        #expect(folders(["road", "a/b", "road"], "out") == ["out/road", "out/a-b", "out/road-2"])
        let first = runs.path + "/road-20231114T221320Z"
        #expect(folders(["road", "road"], nil) == [first, first + "-2"])
    }

    @Test func `runs that begin at the same time have folders of their own`() async throws {
        let runs = try TemporaryFolder()
        let date = Date(timeIntervalSince1970: 1_700_000_000)
        let folders = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<50 {
                group.addTask {
                    Executor.folders(forRecipes: ["road"], output: nil, date: date, runs: runs.path + "/new")
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(folders).count == 50)
    }
}
