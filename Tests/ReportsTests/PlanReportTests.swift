import Documents
import Execution
import Planning
import Reports
import Testing

/// A store that holds the first stage.
private struct FirstStage: Holdings {
    func state(of key: StageKey) -> RecordState { key == Sample.stage(0).key ? .complete : .absent }
    func latestIngredients(recipe: String, stage: String) -> JSONValue? { nil }
    func latestIngredients(kind: String, reads: JSONValue) -> JSONValue? { nil }
}

@Suite struct PlanReportTests {
    @Test func `a plan is a line for each stage`() throws {
        let plan = try RunPlan(Sample.graph(), holdings: FirstStage(), until: "prune")
        #expect(
            PlanReport(plan).text() == """
                load      reused
                prune     runs: never run
                evaluate  skipped: not needed for prune
                1 of 3 stages would run

                """)
        #expect(PlanReport(plan).events.map { $0["decision"] } == ["reuse", "run", "skip"])
        #expect(PlanReport(plan).events[1]["reason"] == "runs: never run")
        #expect(
            PlanReport(plan).events[1] == [
                "event": "stage.planned", "recipe": "road-damage", "id": "prune", "kind": "prune",
                "key": .string(Sample.stage(1).key.description), "decision": "run", "reason": "runs: never run",
                "needs": ["load"], "reads": [["role": "network", "id": "load"]],
                "why": ["kind": "neverRun", "text": "never run"],
            ])
    }

    @Test func `a plan of several recipes names each`() throws {
        let plan = try RunPlan(Sample.graph(["a", "b"]), holdings: FirstStage())
        #expect(
            PlanReport(plan).text() == """
                a
                  load      reused
                  prune     runs: never run
                  evaluate  runs: never run
                b
                  load      reused
                  prune     shared with prune of a
                  evaluate  shared with evaluate of a
                2 of 6 stages would run

                """)
        #expect(PlanReport(plan).events[4]["share"] == ["recipe": "a", "id": "prune"])
    }
}
