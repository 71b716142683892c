import Checkpoints
import Documents
import Execution
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct ScenarioTests {
    @Test func `run, run again, edit, edit back`() throws {
        var scenario = try Scenario()
        let first = try scenario.run()
        #expect(first.planned == Array(repeating: "runs: never run", count: 4))
        #expect(first.begun == ["evaluate@0", "load@0", "prune@0", "quantize@0"])
        #expect(first.summary.exitStatus == .done)

        let again = try scenario.run()
        #expect(again.planned == Array(repeating: "reused", count: 4))
        #expect(again.begun == [])
        #expect(again.statuses == Array(repeating: .reused, count: 4))

        scenario.set("prune", "value", 5)
        let edited = try scenario.run()
        #expect(
            edited.planned == [
                "reused", "runs: option value changed from 2 to 5", "runs: needs prune, which runs",
                "runs: needs prune, which runs",
            ])
        #expect(edited.begun == ["evaluate@0", "prune@0", "quantize@0"])

        scenario.set("prune", "value", 2)
        #expect(try scenario.run().begun == [])
        scenario.set("evaluate", "value", 9)
        #expect(try scenario.run().begun == ["evaluate@0"])
        scenario.set("quantize", "value", 9)
        let last = try scenario.run()
        #expect(last.planned == ["reused", "reused", "reused", "runs: option value changed from 4 to 9"])
        #expect(last.begun == ["quantize@0"])
    }

    @Test func `the reason names what changed since the stage was last used`() throws {
        var scenario = try Scenario()
        _ = try scenario.run()
        scenario.set("prune", "value", 5)
        _ = try scenario.run()
        scenario.set("prune", "value", 2)
        _ = try scenario.run()
        scenario.set("prune", "value", 6)
        #expect(try scenario.plan().decisions[1].description == "runs: option value changed from 2 to 6")
    }

    @Test func `fresh runs all and gives the same bytes`() throws {
        var scenario = try Scenario()
        _ = try scenario.run()
        let records = try scenario.records()
        scenario.isFresh = true
        let fresh = try scenario.run()
        #expect(fresh.planned == Array(repeating: "runs: forced", count: 4))
        #expect(fresh.statuses == Array(repeating: .ran, count: 4))
        #expect(try scenario.records() == records)
    }

    @Test func `from makes a stage again and what reads it, to the same bytes`() throws {
        var scenario = try Scenario()
        _ = try scenario.run()
        let records = try scenario.records()
        scenario.from = "prune"
        let again = try scenario.run()
        #expect(again.planned == ["reused", "runs: forced", "runs: forced", "runs: forced"])
        #expect(again.begun == ["evaluate@0", "prune@0", "quantize@0"])
        #expect(try scenario.records() == records)
        // What only needs a stage, but does not read it, is not made again.
        scenario.from = "evaluate"
        #expect(try scenario.run().begun == ["evaluate@0"])
    }

    @Test func `a record that is made again stays until the new one is whole`() throws {
        var scenario = try Scenario()
        _ = try scenario.run()
        let records = try scenario.records()
        scenario.from = "prune"
        let token = CancellationToken()
        let stopped = try scenario.run(cancellation: token) {
            if $0 == "prune" && $1 == 2 { token.cancel(.interrupted) }
        }
        #expect(stopped.statuses == [.reused, .interrupted, .skipped, .skipped])
        scenario.from = nil
        let after = try scenario.run()
        #expect(after.begun == [])
        #expect(after.planned == Array(repeating: "reused", count: 4))
        #expect(try scenario.records() == records)
    }

    @Test func `a damaged record that is made again by force is reported, too`() throws {
        var scenario = try Scenario()
        _ = try scenario.run()
        try scenario.flip("network.safetensors", of: "load")
        scenario.isFresh = true
        let outcome = try scenario.run()
        #expect(
            outcome.warnings == [
                "the record of load is damaged and is made again: 'network.safetensors' has changed since it was written"
            ])
        #expect(outcome.summary.exitStatus == .done)
    }

    @Test func `a frozen run makes nothing and says what would have to run`() throws {
        var scenario = try Scenario()
        scenario.settings.isFrozen = true
        let none = try scenario.run()
        let never = "it would have to run, and --frozen makes nothing: never run"
        let follows = "needs load, which failed"
        #expect(none.summary.stages.map(\.message) == [never, follows, follows, follows])
        #expect(none.summary.exitStatus == .failed)
        #expect(!FileManager.default.fileExists(atPath: scenario.folder.path + "/store"))

        scenario.settings.isFrozen = false
        _ = try scenario.run()
        let whole = try scenario.folder.files(below: "store")
        scenario.settings.isFrozen = true
        let all = try scenario.run()
        #expect(all.statuses == Array(repeating: .reused, count: 4))
        #expect(all.summary.exitStatus == .done)
        #expect(try scenario.document("run.json")["network"] == "network.safetensors")

        scenario.set("evaluate", "value", 9)
        let edited = try scenario.run()
        #expect(edited.statuses == [.reused, .reused, .failed, .skipped])
        #expect(
            edited.summary.stages[2].message
                == "it would have to run, and --frozen makes nothing: option value changed from 3 to 9")
        #expect(edited.begun == [])
        #expect(try scenario.folder.files(below: "store") == whole)
    }

    @Test func `a frozen run does not end at the first stage that would have to run`() throws {
        var scenario = try Scenario()
        scenario.recipes[0].stages = [
            Scenario.stage("a", value: 1), Scenario.stage("b", value: 2), Scenario.stage("c", value: 3),
        ]
        _ = try scenario.run()
        scenario.set("a", "value", 4)
        scenario.set("c", "value", 4)
        scenario.settings.isFrozen = true
        #expect(try scenario.run().statuses == [.failed, .reused, .failed])
    }

    @Test func `until runs a stage and its ancestors`() throws {
        var scenario = try Scenario()
        scenario.until = "prune"
        let outcome = try scenario.run()
        #expect(outcome.begun == ["load@0", "prune@0"])
        #expect(outcome.statuses == [.ran, .ran, .skipped, .skipped])
        #expect(outcome.summary.stages[3].message == "not needed for prune")
        #expect(outcome.summary.exitStatus == .done)
    }

    @Test func `a failure skips its dependents by name and is never stored`() throws {
        var scenario = try Scenario()
        scenario.set("prune", "fails", "too hot")
        let outcome = try scenario.run()
        #expect(outcome.statuses == [.ran, .failed, .skipped, .skipped])
        #expect(
            outcome.summary.stages.map(\.message) == [
                nil, "too hot", "needs prune, which failed", "needs prune, which failed",
            ])
        #expect(outcome.summary.exitStatus == .failed)
        #expect(try scenario.plan().decisions[1] == .run(.interrupted))
        #expect(try scenario.run().begun == ["prune@4"])
    }

    @Test(arguments: [false, true])
    func `independent stages go on after a failure only if asked`(keepsGoing: Bool) throws {
        var scenario = try Scenario()
        scenario.settings.keepsGoing = keepsGoing
        scenario.recipes[0].stages = [
            Scenario.stage("a", value: 1), Scenario.stage("b", value: 2, after: "a"),
            Scenario.stage("c", value: 3), Scenario.stage("d", value: 4, after: "c"),
        ]
        scenario.set("a", "fails", "no")
        let outcome = try scenario.run()
        #expect(outcome.begun == (keepsGoing ? ["a@0", "c@0", "d@0"] : ["a@0"]))
        let late: String? = keepsGoing ? nil : "not started after a failed"
        #expect(outcome.summary.stages.map(\.message) == ["no", "needs a, which failed", late, late])
        #expect(outcome.summary.exitStatus == .failed)
    }

    @Test func `a run that stops does not lose what is there`() throws {
        var scenario = try Scenario()
        scenario.recipes[0].stages = [
            Scenario.stage("a", value: 1), Scenario.stage("b", value: 2), Scenario.stage("c", value: 3, after: "b"),
            Scenario.stage("d", value: 4, after: "a"),
        ]
        _ = try scenario.run()
        scenario.set("a", "fails", "no")
        let failed = try scenario.run()
        #expect(failed.begun == ["a@0"])
        #expect(failed.statuses == [.failed, .reused, .reused, .skipped])
        scenario.set("a", "value", 9)
        let token = CancellationToken()
        let stopped = try scenario.run(cancellation: token) { _, _ in token.cancel(.interrupted) }
        #expect(stopped.statuses == [.interrupted, .reused, .reused, .skipped])
    }

    @Test func `a requirement that is not met stops nothing and is remembered`() throws {
        var scenario = try Scenario()
        scenario.set("evaluate", "met", false)
        let outcome = try scenario.run()
        #expect(outcome.statuses == Array(repeating: .ran, count: 4))
        #expect(outcome.summary.exitStatus == .requirementNotMet)
        #expect(try scenario.run().summary.exitStatus == .requirementNotMet)
    }

    @Test func `recipes share the stages that have equal keys`() throws {
        var scenario = try Scenario()
        var other = scenario.recipes[0]
        other.name = "other"
        other.stages[3].keyOptions["value"] = 8
        scenario.recipes.append(other)
        scenario.settings.jobs = 4
        let outcome = try scenario.run()
        #expect(outcome.begun == ["evaluate@0", "load@0", "prune@0", "quantize@0", "quantize@0"])
        #expect(outcome.summary.count(of: .ran) == 5)
        #expect(outcome.summary.count(of: .reused) == 3)
        #expect(outcome.summary.exitStatus == .done)
        #expect(
            try scenario.document("03-evaluate.json", of: 1)["result"]
                == scenario.document("03-evaluate.json")["result"])
    }

    @Test func `of several recipes the worst status counts`() throws {
        var scenario = try Scenario()
        scenario.settings.keepsGoing = true
        var other = scenario.recipes[0]
        other.name = "other"
        other.stages = [Scenario.stage("gate", value: 1)]
        other.stages[0].options["met"] = false
        scenario.recipes.append(other)
        #expect(try scenario.run().summary.exitStatus == .requirementNotMet)
        scenario.set("prune", "fails", "no")
        #expect(try scenario.run().summary.exitStatus == .failed)
        #expect(try scenario.document("run.json", of: 0)["exitStatus"] == 1)
        #expect(try scenario.document("run.json", of: 1)["exitStatus"] == 3)
    }

    @Test func `any number of jobs gives the same bytes`() throws {
        var stages = [Scenario.stage("load", value: 1)]
        for number in 0..<12 {
            stages.append(Scenario.stage("s\(number)", value: number, steps: 3, after: "load"))
            stages.append(Scenario.stage("t\(number)", value: number, steps: 2, after: "s\(number)"))
        }
        func records(jobs: Int) throws -> ([String: Data], [String]) {
            var scenario = try Scenario()
            scenario.recipes[0].stages = stages
            scenario.settings.jobs = jobs
            let outcome = try scenario.run()
            #expect(outcome.statuses == Array(repeating: .ran, count: 25))
            return (try scenario.records(), outcome.begun)
        }
        let one = try records(jobs: 1)
        let four = try records(jobs: 4)
        #expect(one == four)
    }
}
