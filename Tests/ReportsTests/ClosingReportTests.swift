import Documents
import Execution
import Foundation
import Reports
import Testing

@Suite struct ClosingReportTests {
    @Test func `the end of a run shows networks beside goals, labels, requirements and the folder`() {
        #expect(
            ClosingReport(Sample.done).text == """

                stage  parameters   memory  accuracy             goal
                load        1,586  6.2 KiB  93.4 % (156 of 167)
                prune         377    474 B  92.8 % (155 of 167)  383 met

                evaluate: is / taken for  good  bad
                good                        82    2
                bad                         10   73

                evaluate  required            bound    measured
                accuracy  >= load - 1 points  92.4 %   92.8 %      met
                memory    <= 0.4 KiB          409.6 B  474 B       not met
                loss      <= 0.5              0.5      not finite  not met

                3 stages in 12.6 s: 2 ran, 1 reused
                a requirement or a goal was not met
                run: .pare/runs/road-damage

                """)
        #expect(ClosingReport(Sample.done).failure(goOnWith: "pare run a.yaml") == "")
    }

    @Test func `every metric that was measured has a column`() {
        let values: JSONValue = [
            "rows": [
                ["need": "load", "metrics": ["rmse": ["value": 0.25], "r2": ["value": 0.9341]]],
                ["need": "prune", "metrics": ["rmse": ["value": nil], "r2": ["value": 0.9]]],
            ], "requirements": [],
        ]
        let summary = RunSummary(
            stages: [
                Sample.report(0, .reused, result: Sample.loaded), Sample.report(1, .ran, result: Sample.pruned),
                Sample.report(2, .ran, result: values),
            ], exitStatus: .done, seconds: 1, folders: ["out"])
        #expect(
            ClosingReport(summary).text.hasPrefix(
                """

                stage  parameters   memory  r2      rmse        goal
                load        1,586  6.2 KiB  0.9341  0.25
                prune         377    474 B  0.9     not finite  383 met

                """))
    }

    @Test func `a comparison stands figure by figure and layer by layer`() {
        let compared: JSONValue = [
            "rows": [["need": "prune", "metrics": Sample.accuracy(155)]],
            "comparison": [
                "against": "load",
                "metrics": [
                    "accuracy": ["from": 0.934, "to": 0.928, "difference": -0.006],
                    "loss": ["from": 0.17, "to": 0.1825, "difference": 0.0125],
                ],
                "sizes": [
                    "memory": ["from": 6348, "to": 474, "ratio": 0.0747],
                    "macs": ["from": 170_176, "to": 40_100, "ratio": 0.2356],
                ],
                "layers": [
                    ["name": "conv", "memoryBytes": ["from": 256, "to": 64, "ratio": 0.25]],
                    ["name": "relu", "memoryBytes": ["from": 0, "to": 0, "ratio": 1]],
                ],
            ],
            "requirements": [
                [
                    "metric": "auc", "required": ">= 0.9", "bound": 0.9, "measured": nil, "met": false,
                    "reason": "not defined: the examples are of one class",
                ]
            ],
        ]
        let summary = RunSummary(
            stages: [
                Sample.report(0, .reused, result: Sample.loaded), Sample.report(1, .ran, result: Sample.pruned),
                Sample.report(2, .ran, result: compared),
            ], exitStatus: .done, seconds: 1, folders: ["out"])
        #expect(
            ClosingReport(summary).text == """

                stage  parameters   memory  accuracy             goal
                load        1,586  6.2 KiB
                prune         377    474 B  92.8 % (155 of 167)  383 met

                evaluate     load   prune       change
                accuracy   93.4 %  92.8 %  -0.6 points
                loss         0.17  0.1825      +0.0125
                memory    6.2 KiB   474 B        7.5 %
                macs      170,176  40,100       23.6 %

                layer   load  prune  change
                conv   256 B   64 B  25.0 %

                evaluate  required  bound  measured
                auc       >= 0.9    0.9    not defined: the examples are of one class  not met

                3 stages in 1.0 s: 2 ran, 1 reused
                run: out

                """)
    }

    @Test func `colours change nothing but colours`() {
        let plain = ClosingReport(Sample.done).text
        let coloured = ClosingReport(Sample.done, style: TextStyle(usesColour: true)).text
        #expect(coloured != plain)
        #expect(coloured.replacing(#/\x1B\[[0-9;]*m/#, with: "") == plain)
        #expect(coloured.contains("\u{1B}[1;31mnot met\u{1B}[0m"))
        #expect(coloured.contains("\u{1B}[32m383 met\u{1B}[0m"))
    }

    @Test func `a failed run says which stage and why, and ends with the command that goes on`() {
        let report = ClosingReport(Sample.failed)
        #expect(
            report.text == """

                stage  parameters   memory
                load        1,586  6.2 KiB

                3 stages in 3.1 s: 1 ran, 1 failed, 1 skipped
                run: out

                """)
        #expect(
            report.failure(goOnWith: "pare run 'a b.yaml'") == """
                error: stage 'prune' failed: layer 'conv1d_1': the loss is not finite
                go on from there, once the cause is removed, with
                pare run 'a b.yaml'

                """)
    }

    @Test func `what may mend a failure is said with the stage's id`() {
        let graph = Sample.graph()
        let report = StageReport(
            Sample.stage(1, graph), .failed, started: .distantPast, message: "the training diverged",
            settings: ["finetune.InitialLearnRate=0.001"])
        let summary = RunSummary(stages: [report], exitStatus: .failed, seconds: 1, folders: ["out"])
        #expect(ClosingReport(summary).settings == ["prune.finetune.InitialLearnRate=0.001"])
    }

    @Test func `an interrupted run ends with the command that goes on`() {
        #expect(
            ClosingReport(Sample.interrupted).failure(goOnWith: "pare run a.yaml") == """
                interrupted: go on from there with
                pare run a.yaml

                """)
    }

    @Test func `how a pruning went is a table, and why it ended stands below it`() {
        let summary = RunSummary(
            stages: [Sample.report(1, .ran, result: Sample.iterated)], exitStatus: .done, seconds: 1, folders: ["out"])
        #expect(
            ClosingReport(summary).text == """

                stage  parameters   memory
                prune         912  3.6 KiB

                prune  learnables  removed    loss  validation accuracy
                    0       1,522    0.0 %                       90.2 %
                    1         868   43.0 %  0.2514               85.1 %
                    2         700   54.0 %     0.4               84.0 %  undone
                prune: validation threshold broken; 3 layers pruned

                1 stage in 1.0 s: 1 ran
                run: out

                """)
    }

    @Test func `of many iterations the start and the last ten are shown`() {
        let rows = (0...14).map { index -> JSONValue in
            [
                "iteration": .integer(index), "learnables": .integer(1000 - 10 * index),
                "fractionRemoved": .number(Double(index) / 100), "isAccepted": true,
            ]
        }
        let result: JSONValue = [
            "network": ["totalParameters": 860], "stopReason": "nothing more can be removed", "prunedLayers": ["conv"],
            "history": .array(rows),
        ]
        let summary = RunSummary(
            stages: [Sample.report(1, .ran, result: result)], exitStatus: .done, seconds: 1, folders: ["out"])
        let lines = ClosingReport(summary).text.split(separator: "\n").filter { $0.contains("%") || $0.contains("...") }
        #expect(lines.count == 12)
        #expect(
            lines[0] == "    0       1,000    0.0 %" && lines[1] == "  ..." && lines[2] == "    5         950    5.0 %")
    }

    @Test(arguments: [
        ("totalParameters", 1500, "1,500"), ("learnables", 1500, "1,500 learnables"), ("memory", 1536, "1.5 KiB"),
        ("multiplyAccumulates", 1500, "1,500 multiply-accumulates"),
    ])
    func `a goal is shown in its own measure`(measure: String, count: Int, text: String) {
        let result: JSONValue = [
            "network": ["totalParameters": 1500],
            "goal": [
                "measure": .string(measure), "requested": .integer(count), "reached": .integer(count), "met": true,
            ],
        ]
        let summary = RunSummary(
            stages: [Sample.report(1, .ran, result: result)], exitStatus: .done, seconds: 1, folders: ["out"])
        #expect(ClosingReport(summary).text.contains("  \(text) met\n"))
    }

    @Test func `a goal that was missed is shown with what was reached`() {
        let summary = RunSummary(
            stages: [Sample.report(1, .ran, result: Sample.missed, met: false)], exitStatus: .requirementNotMet,
            seconds: 61, folders: ["out"])
        #expect(
            ClosingReport(summary).text == """

                stage  parameters  memory  goal
                prune         391   500 B  383 not met, reached 391

                1 stage in 1 min 1 s: 1 ran
                a requirement or a goal was not met
                run: out

                """)
    }

    @Test func `several recipes have a part each`() {
        let graph = Sample.graph(["first", "second"])
        let summary = RunSummary(
            stages: [
                Sample.report(0, .ran, result: Sample.loaded, graph: graph),
                Sample.report(4, .failed, message: "no space left", graph: graph),
            ], exitStatus: .failed, seconds: 0.5, folders: ["out/first", "out/second"])
        #expect(
            ClosingReport(summary).text == """

                first

                stage  parameters   memory
                load        1,586  6.2 KiB

                second

                2 stages in 0.50 s: 1 ran, 1 failed
                run of first: out/first
                run of second: out/second

                """)
        #expect(
            ClosingReport(summary).failure(goOnWith: "x").hasPrefix(
                "error: stage 'prune' of 'second' failed: no space left\n"))
    }
}
