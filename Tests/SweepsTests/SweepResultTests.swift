import Diagnostics
import Documents
import Execution
import Foundation
import Planning
import Recipes
import Sweeps
import TestSupport
import Testing

@Suite struct SweepResultTests {
    /// The objective of a recipe with the stages `load`, `prune` and `evaluate`.
    static func objective(_ text: String) throws -> Objective {
        let metrics = ["accuracy", "loss", "memory"].map { OptionSchema($0, .requirement, "") }
        let kinds = [
            StageKindSchema("load", "", []), StageKindSchema("prune", "", [OptionSchema("n", .integer(0...9), "")]),
            StageKindSchema("evaluate", "", [OptionSchema("require", .object(ObjectSchema(metrics)), "")]),
        ]
        var faults = DiagnosticList()
        let recipe = Recipe.read(
            file: SourceFile(
                name: "a.yaml",
                text: "version: 1\nname: a\nstages: [load, prune, evaluate]\nsweep:\n  parameters: {prune.n: [1]}\n"
                    + "  objective: \(text)\n"), kinds: kinds, into: &faults)
        return try #require(recipe?.sweep?.objective, "\(DiagnosticRenderer().render(faults))")
    }

    static func network(_ bytes: Int) -> JSONValue { ["memoryBytes": .integer(bytes), "totalParameters": 5] }

    static func run(accuracy: Double?, bytes: Int, met: Bool = true, loaded: Double = 0.9) -> RunRecord {
        let key = String(repeating: "0", count: 64)
        func row(_ need: String, _ value: Double?, _ bytes: Int) -> JSONValue {
            [
                "need": .string(need), "network": network(bytes),
                "metrics": ["accuracy": ["value": value.map { .number($0) } ?? .null]],
            ]
        }
        return RunRecord(
            recipe: "a", folder: "", exitStatus: .done, seconds: 1,
            stages: [
                RunRecord.Stage(id: "load", kind: "load", key: key, status: .reused, result: ["network": network(99)]),
                RunRecord.Stage(id: "prune", kind: "prune", key: key, status: .ran, result: ["network": network(50)]),
                RunRecord.Stage(
                    id: "evaluate", kind: "evaluate", key: key, status: .ran,
                    result: [
                        "rows": [row("load", loaded, 99), row("prune", accuracy, bytes)],
                        "requirements": [["metric": "loss", "measured": 0.25]],
                    ], requirementsMet: met),
            ])
    }

    static func result(
        _ runs: [RunRecord], _ objective: String = "{maximize: evaluate.accuracy}"
    ) throws -> SweepResult {
        let objective = try Self.objective(objective)
        return SweepResult(
            name: "a", objective: objective,
            points: runs.enumerated().map {
                SweepOutcome($0, settings: ["prune.n=\($0)"], run: $1, objective: objective)
            })
    }

    @Test func `a point that misses something leads only if all do, and is not the best`() throws {
        let result = try Self.result([
            Self.run(accuracy: 0.7, bytes: 5, met: false), Self.run(accuracy: 0.8, bytes: 9, met: false),
        ])
        #expect(result.leader == 1 && result.best == nil && result.exitStatus == .requirementNotMet)
        #expect(result.document["best"] == .null)
    }

    @Test func `the best point meets everything, then is best, then smallest, then first`() throws {
        let best = try [
            [Self.run(accuracy: 0.9, bytes: 5, met: false), Self.run(accuracy: 0.8, bytes: 9)],
            [Self.run(accuracy: 0.8, bytes: 5), Self.run(accuracy: 0.9, bytes: 9)],
            [Self.run(accuracy: 0.9, bytes: 9), Self.run(accuracy: 0.9, bytes: 5)],
            [Self.run(accuracy: 0.9, bytes: 5), Self.run(accuracy: 0.9, bytes: 5)],
            [Self.run(accuracy: nil, bytes: 5)],
        ].map { try Self.result($0).best }
        #expect(best == [1, 1, 1, 0, nil])
        #expect(
            try Self.result(
                [Self.run(accuracy: 0.8, bytes: 5), Self.run(accuracy: 0.9, bytes: 9)],
                "{minimize: evaluate.accuracy}"
            ).best == 0)
    }

    @Test func `the Pareto set has the points that no other beats, by bytes`() throws {
        let points: [(Double, Int)] = [
            (0.9, 90), (0.8, 50), (0.8, 60), (0.85, 50), (0.95, 100), (0.95, 100), (0.5, 10), (0.89, 95),
        ]
        let result = try Self.result(points.map { Self.run(accuracy: $0.0, bytes: $0.1) })
        #expect(result.pareto == [6, 3, 0, 4])
    }

    @Test(arguments: [
        ("{maximize: evaluate.accuracy, subjectTo: {evaluate.memory: '<= 60 B'}}", true),
        ("{maximize: evaluate.accuracy, subjectTo: {evaluate.memory: '<= 49 B'}}", false),
        ("{maximize: evaluate.accuracy, subjectTo: {evaluate.accuracy: '>= load - 10 points'}}", true),
        ("{maximize: evaluate.accuracy, subjectTo: {evaluate.accuracy: '>= load - 9 points'}}", false),
        ("{maximize: evaluate.accuracy, subjectTo: {evaluate.loss: '<= 0.25'}}", true),
        ("{maximize: evaluate.accuracy, subjectTo: {evaluate.memory: '<= load'}}", true),
        ("{maximize: evaluate.accuracy, subjectTo: {prune.memory: '< load', load.memory: '> prune'}}", true),
        ("{maximize: evaluate.accuracy, subjectTo: {evaluate.nothing: '<= 1'}}", false),
    ])
    func `a requirement on a result is judged by its stage, relative to the row of another`(
        objective: String, isMet: Bool
    ) throws {
        let result = try Self.result([Self.run(accuracy: 0.8, bytes: 50)], objective)
        #expect(result.points[0].constraintsMet == isMet)
        #expect(result.exitStatus == (isMet ? .done : .requirementNotMet))
    }

    @Test func `a point that failed or was stopped is no result, and the sweep has failed`() throws {
        var failed = Self.run(accuracy: 0.9, bytes: 5)
        failed.stages[2].status = .failed
        failed.stages[2].message = "no data"
        failed.stages[2].result = nil
        var stopped = failed
        stopped.stages[2].status = .skipped
        let result = try Self.result([failed, stopped, Self.run(accuracy: 0.8, bytes: 5)])
        #expect(result.points.map(\.status) == [.failed, .unfinished, .done])
        #expect(result.points[0].message == "stage 'evaluate' failed: no data")
        #expect(result.best == 2)
        #expect(result.exitStatus == .failed)
        #expect(result.document["points"]?.elements?[0]["results"] == ["evaluate.accuracy": .null])
    }

    @Test func `options that all points share are not shown`() throws {
        func point(_ number: Int, _ settings: [String]) -> SweepOutcome {
            SweepOutcome(number, settings: settings, run: Self.run(accuracy: 1, bytes: 1), objective: nil)
        }
        let result = SweepResult(
            name: "a", objective: nil, points: [point(0, ["a=1", "b=2", "b=3"]), point(1, ["a=1", "b=2", "b=4"])])
        #expect(result.options == ["b"])
        #expect(result.points.map { SweepResult.value(of: "b", in: $0) } == ["3", "4"])
        #expect(SweepResult(name: "a", objective: nil, points: [point(0, ["a=1"])]).options == ["a"])
        #expect(result.best == nil && result.pareto == [] && result.exitStatus == .done)
        #expect(result.points[0].memoryBytes == 1)
    }

    @Test func `runs are read from folders, and what is wrong with one is said of its point`() throws {
        let temporary = try TemporaryFolder()
        try "".write(toFile: temporary.path + "/a.yaml", atomically: false, encoding: .utf8)
        let folder = SweepFolder(temporary.path + "/s")
        let recipe = try folder.prepare(recipe: temporary.path + "/a.yaml")
        let point = PointFile(recipe: recipe, settings: ["a=1"], graph: PointFileTests.graph())
        try folder.write([point, point, point])
        func write(_ number: Int, _ text: String) throws {
            try FileManager.default.createDirectory(
                atPath: folder.runPath(number), withIntermediateDirectories: true)
            try text.write(toFile: folder.runPath(number) + "/run.json", atomically: false, encoding: .utf8)
        }
        try write(1, "{")
        try write(
            2,
            """
            {"schema": "pare.run/1", "recipe": "a", "exitStatus": 0, "stages": [
                {"id": "load", "kind": "load", "key": "\(point.stages[1].key)", "status": "skipped"}]}
            """)
        let result = try folder.result(name: "a", objective: nil)
        #expect(result.points.map(\.status) == [.missing, .unfinished, .outdated])
        #expect(
            result.points[1].message?.hasPrefix("'\(folder.runPath(1))/run.json' is damaged: ") == true,
            "\(result.points[1].message ?? "")")
        try folder.write(result)
        #expect(try temporary.files(below: "s")["sweep.json"] == Data(result.document.prettyText.utf8))
    }
}
