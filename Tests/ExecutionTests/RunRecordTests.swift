import Checkpoints
import Documents
import Execution
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct RunRecordTests {
    private func read(_ scenario: Scenario) throws -> RunRecord {
        try RunRecord(reading: scenario.folder.path + "/run")
    }

    /// What both a run that has just ended and its folder must tell alike.
    private func told(_ run: RunRecord) -> [JSONValue] {
        let head: JSONValue = [
            "recipe": .string(run.recipe), "exitStatus": run.exitStatus.map { .integer(Int($0.rawValue)) } ?? .null,
            "started": .string(run.started), "version": .string(run.version), "set": .string(run.instructionSet),
        ]
        return [head]
            + run.stages.map { stage in
                [
                    "id": .string(stage.id), "kind": .string(stage.kind), "key": .string(stage.key),
                    "status": .string(stage.status.rawValue), "reason": stage.reason.map { .string($0) } ?? .null,
                    "message": stage.message.map { .string($0) } ?? .null, "result": stage.result ?? .null,
                    "met": .boolean(stage.requirementsMet),
                    // Of a stage without a result a folder does not know the options.
                    "options": stage.result == nil ? .null : stage.options,
                ]
            }
    }

    @Test(arguments: ["whole", "reused", "until", "failed", "interrupted"])
    func `a folder tells of a run what the run told of itself`(how: String) throws {
        var scenario = try Scenario()
        if how == "reused" { _ = try scenario.run() }
        if how == "until" { scenario.until = "evaluate" }
        if how == "failed" { scenario.set("prune", "fails", "on purpose") }
        let token = CancellationToken()
        let outcome = try scenario.run(cancellation: token) { id, step in
            if how == "interrupted", id == "prune", step == 2 { token.cancel(.interrupted) }
        }
        let context = ExecutionContext(instructionSet: "avx2", versions: ["pare": "1.0"])
        let live = RunRecord.all(of: outcome.summary, plan: outcome.plan, context: context)
        #expect(live.count == 1)
        #expect(try told(read(scenario)) == told(live[0]))
    }

    @Test func `each of several recipes has a status of its own`() throws {
        var scenario = try Scenario()
        scenario.recipes.append(scenario.recipes[0])
        scenario.recipes[1].name = "other"
        scenario.set("quantize", "fails", "on purpose")
        scenario.settings.keepsGoing = true
        let outcome = try scenario.run()
        #expect(outcome.summary.exitStatus == .failed)
        let runs = RunRecord.all(of: outcome.summary, plan: outcome.plan)
        #expect(runs.map(\.recipe) == ["road", "other"])
        #expect(runs.map(\.exitStatus) == [.failed, .done])
        #expect(runs.map(\.folder) == outcome.summary.folders)
    }

    @Test func `a run that was killed is told as unfinished`() throws {
        let scenario = try Scenario()
        _ = try scenario.run()
        var document = try scenario.document("run.json")
        document["exitStatus"] = .null
        try Data(document.prettyText.utf8).write(to: URL(filePath: scenario.folder.path + "/run/run.json"))
        #expect(try read(scenario).exitStatus == nil)
        #expect(try RunRecord(reading: scenario.folder.path + "/run/run.json").stages.count == 4)
        #expect(try RunRecord(reading: scenario.folder.path + "/run//").folder == scenario.folder.path + "/run")
    }

    @Test(arguments: [
        ("run.json", nil, "there is no run in 'RUN', expected a folder with a run.json, as 'pare run' leaves it"),
        (
            "run.json", "{",
            "'RUN/run.json' is damaged: not a JSON document: expected the name of a member at byte 1: run the recipe again"
        ),
        ("run.json", "[]", "'RUN/run.json' is no run of pare, expected the schema 'pare.run/1'"),
        (
            "run.json", #"{"schema": "pare.run/2"}"#,
            "'RUN/run.json' has the schema 'pare.run/2'; this pare reads 'pare.run/1': use a newer pare"
        ),
        (
            "run.json", #"{"schema": "pare.run/1"}"#,
            "'RUN/run.json' is damaged: it has no recipe, no stages or no exit status: run the recipe again"
        ),
        (
            "run.json", #"{"schema": "pare.run/1", "recipe": "a", "exitStatus": 0, "stages": [{"id": "load"}]}"#,
            "'RUN/run.json' is damaged: a stage has no id, kind, key or status: run the recipe again"
        ),
        (
            "run.json",
            """
            {"schema": "pare.run/1", "recipe": "a", "exitStatus": 0,
             "stages": [{"id": "a", "kind": "a", "key": "0", "status": "ran", "artifact": "../secret.json"}]}
            """,
            "'RUN/run.json' is damaged: '../secret.json' is no artifact of the folder: run the recipe again"
        ),
        ("02-prune.json", nil, "'RUN/02-prune.json' is missing: run the recipe again with '--output RUN'"),
        (
            "02-prune.json", #"{"key": "0", "result": {}}"#,
            "'RUN/02-prune.json' is damaged: it is not what 'run.json' says of stage 'prune': run the recipe again"
        ),
    ])
    func `a folder that is damaged, foreign or newer is refused`(name: String, text: String?, message: String) throws {
        let scenario = try Scenario()
        _ = try scenario.run()
        let path = scenario.folder.path + "/run/" + name
        try FileManager.default.removeItem(atPath: path)
        if let text { try Data(text.utf8).write(to: URL(filePath: path)) }
        let error = #expect(throws: ExecutionError.self) { try read(scenario) }
        #expect(error?.code == .unreadableRun)
        #expect(error?.message == message.replacing("RUN", with: scenario.folder.path + "/run"))
    }
}
