import Documents
import Execution
import Reports
import Testing

@Suite struct ComparisonReportTests {
    private func stage(
        _ id: String, kind: String? = nil, key: String = "0", _ status: StageStatus = .ran, options: JSONValue = [:],
        result: JSONValue? = [:]
    ) -> RunRecord.Stage {
        RunRecord.Stage(
            id: id, kind: kind ?? id, key: key, status: status, seconds: 1, options: options, result: result,
            requirementsMet: true)
    }

    private func run(_ folder: String, ending status: Execution.ExitStatus = .done, _ stages: [RunRecord.Stage])
        -> RunRecord
    {
        var run = RunRecord(recipe: "road", folder: folder, exitStatus: status, seconds: 1, stages: stages)
        run.version = "0.1.0"
        return run
    }

    private func network(_ parameters: Int, conv bytes: Int, channels: Int) -> JSONValue {
        [
            "network": [
                "totalParameters": .integer(parameters), "memoryBytes": .integer(4 * parameters),
                "layers": [
                    [
                        "name": "conv", "memoryBytes": .integer(bytes),
                        "outputShape": [.integer(channels), 200],
                    ],
                    ["name": "fc", "memoryBytes": 64, "outputShape": [2]],
                ],
            ]
        ]
    }

    private func measured(_ accuracy: Double, _ loss: Double) -> JSONValue {
        [
            "rows": [
                [
                    "need": "prune",
                    "metrics": ["accuracy": ["value": .number(accuracy)], "loss": ["value": .number(loss)]],
                ]
            ]
        ]
    }

    private var runs: (RunRecord, RunRecord) {
        (
            run(
                "a",
                [
                    stage("load", options: ["network": "x"]),
                    stage(
                        "prune", key: "1", options: ["MaxToPrune": 2, "epochs": 1],
                        result: network(984, conv: 256, channels: 4)),
                    stage("project"), stage("evaluate", key: "1", result: measured(0.934, 0.17)),
                ]),
            run(
                "b", ending: .failed,
                [
                    stage("load", options: ["network": "x"]),
                    stage(
                        "smaller", kind: "prune", key: "2",
                        options: ["MaxToPrune": 8, "retrain": ["MaxEpochs": 3], "epochs": 1],
                        result: network(492, conv: 64, channels: 1)),
                    stage("evaluate", key: "2", result: measured(0.928, 0.17)),
                    stage("quantize", .failed, result: nil),
                ])
        )
    }

    @Test func `two runs are compared by options, sizes, measures and layers`() {
        #expect(
            ComparisonReport(RunComparison(runs.0, runs.1)).text == """
                A  a  road  done, pare 0.1.0
                B  b  road  failed, pare 0.1.0

                stage           option      A     B
                prune, smaller  MaxToPrune  2     8
                prune, smaller  retrain     none  {"MaxEpochs":3}

                stage           size                   A        B   change
                prune, smaller  totalParameters      984      492  -50.0 %
                prune, smaller  memory           3.8 KiB  1.9 KiB  -50.0 %

                stage     measured             A       B       change
                evaluate  prune accuracy  93.4 %  92.8 %  -0.6 points
                evaluate  prune loss        0.17    0.17

                layer  of it         A        B   change
                conv   memory    256 B     64 B  -75.0 %
                conv   output  4 x 200  1 x 200

                only in A: project (project)
                only in B: quantize (quantize)

                """)
    }

    @Test func `what has grown has a sign, too`() {
        let text = ComparisonReport(RunComparison(runs.1, runs.0)).text
        #expect(text.contains("\nconv   memory     64 B    256 B  +300.0 %\n"), "\(text)")
    }

    @Test func `a long value is cut so that what differs is seen`() {
        let long = String(repeating: "x", count: 50)
        let (start, end) = (String(repeating: "s", count: 100), String(repeating: "e", count: 100))
        let first = run("a", [stage("load", options: ["one": .string(long), "two": .string(start + "a" + end)])])
        let second = run("b", [stage("load", options: ["one": 1, "two": .string(start + "b" + end)])])
        let lines = ComparisonReport(RunComparison(first, second)).text.split(separator: "\n")
        #expect(lines[3] == "load   one     \"\(long.prefix(36))...  1")
        #expect(
            lines[4] == "load   two     ...\(start.prefix(10))a\(end.prefix(23))...  "
                + "...\(start.prefix(10))b\(end.prefix(23))...")
    }

    @Test func `equal runs have no difference`() {
        #expect(
            ComparisonReport(RunComparison(runs.0, runs.0)).text == """
                A  a  road  done, pare 0.1.0
                B  a  road  done, pare 0.1.0

                no difference in options, sizes and measures

                """)
    }

    @Test func `where runs part without another option, and a stage that one of them lost, is said`() {
        let first = run("a", [stage("load", key: "1", options: ["network": "x"]), stage("prune")])
        let second = run(
            "b", ending: .failed,
            [stage("load", key: "2", options: ["network": "x"]), stage("prune", .failed, result: nil)])
        #expect(
            ComparisonReport(RunComparison(first, second)).text == """
                A  a  road  done, pare 0.1.0
                B  b  road  failed, pare 0.1.0

                stage  A     B
                prune  done  failed

                load: the same options, but other files, another seed or another version of the stage

                """)
    }

    @Test func `other programs get the numbers as they are in the artifacts`() {
        let json = RunComparison(runs.0, runs.1).json
        #expect(json["schema"] == "pare.comparison/1")
        #expect(json["runs"]?.elements?.map { $0["exitStatus"] } == [0, 1])
        #expect(json["only"] == [["project"], ["quantize"]])
        let prune = json["stages"]?.elements?[1]
        #expect(prune?["ids"] == ["prune", "smaller"] && prune?["same"] == false)
        #expect(prune?["options"]?.elements?.first == ["name": "MaxToPrune", "values": [2, 8]])
        #expect(prune?["sizes"]?.elements?.last == ["name": "memoryBytes", "values": [3936, 1968]])
        let measures = json["stages"]?.elements?[2]["measures"]
        #expect(measures?.elements?.first == ["name": "prune accuracy", "values": [0.934, 0.928]])
        #expect(
            json["layers"]?.elements?.first
                == ["name": "conv", "memoryBytes": [256, 64], "outputShape": [[4, 200], [1, 200]]])
    }
}
