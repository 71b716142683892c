import Checkpoints
import Documents
import Execution
import Foundation
import Planning
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
