import Documents
import Execution
import Planning
import Reports
import Testing

@Suite struct StoredRunReportTests {
    private func run(_ summary: RunSummary) throws -> RunRecord {
        struct Nothing: Holdings {
            func state(of key: StageKey) -> RecordState { .absent }
            func latestIngredients(recipe: String, stage: String) -> JSONValue? { nil }
            func latestIngredients(kind: String, reads: JSONValue) -> JSONValue? { nil }
        }
        let context = ExecutionContext(instructionSet: "avx2", versions: ["pare": "0.1.0"])
        let plan = try RunPlan(Sample.graph(), holdings: Nothing())
        return try #require(RunRecord.all(of: summary, plan: plan, context: context).first)
    }

    @Test func `a stored run is shown with why its stages ran, and then as a run ends`() throws {
        let report = StoredRunReport(try run(Sample.done))
        #expect(
            report.text == """
                road-damage: a requirement or a goal was not met, 1970-01-01T00:00:00.000Z, pare 0.1.0, avx2

                stage     status    time  why
                load      reused          never run
                prune     ran     12.3 s  never run
                evaluate  ran     0.20 s  never run

                """ + ClosingReport(Sample.done).text)
    }

    @Test func `a run that failed is shown with the failure`() throws {
        let report = StoredRunReport(try run(Sample.failed))
        #expect(
            report.text.hasPrefix(
                """
                road-damage: failed, 1970-01-01T00:00:00.000Z, pare 0.1.0, avx2

                stage     status     time  why
                load      ran      0.04 s  never run
                prune     failed    3.0 s  never run
                evaluate  skipped          never run; needs prune, which failed

                error: stage 'prune' failed: layer 'conv1d_1': the loss is not finite


                """))
    }

    @Test func `a run that was killed is shown as far as it came`() throws {
        var killed = try run(Sample.interrupted)
        killed.exitStatus = nil
        #expect(
            StoredRunReport(killed).text.hasPrefix(
                "road-damage: unfinished: it was killed, or is going on, 1970-01-01T00:00:00.000Z, pare 0.1.0, avx2\n"))
    }

    @Test func `what was measured on different data stands in columns of its own`() {
        func stage(_ id: String, options: JSONValue = [:], result: JSONValue) -> RunRecord.Stage {
            RunRecord.Stage(
                id: id, kind: id, key: "", status: .ran, seconds: 0, options: options, result: result,
                requirementsMet: true)
        }
        func rows(_ accuracy: Double) -> JSONValue {
            ["rows": [["need": "load", "metrics": ["accuracy": ["value": .number(accuracy)]]]]]
        }
        let record = RunRecord(
            recipe: "road", folder: "out", exitStatus: .done, seconds: 1,
            stages: [
                stage("load", result: Sample.loaded),
                stage("evaluate", options: ["split": "test"], result: rows(0.9)),
                stage("again", options: ["split": "test"], result: rows(0.9)),
                stage("check", options: ["split": "validation"], result: rows(0.8)),
                stage("field", options: ["split": "test", "data": "elsewhere"], result: rows(0.7)),
            ])
        #expect(
            ClosingReport([record], exitStatus: .done, seconds: 1).text == """

                stage  parameters   memory  accuracy (test)  accuracy (validation)  accuracy (field)
                load        1,586  6.2 KiB  90.0 %           80.0 %                 70.0 %

                5 stages in 1.0 s: 5 ran
                run: out

                """)
    }
}
