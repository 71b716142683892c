import Documents
import Foundation
import Planning
import Sweeps
import TestSupport
import Testing

@Suite struct PointFileTests {
    static func graph(_ options: JSONValue = 2, more: [StageSpecification] = []) -> StageGraph {
        StageGraph([
            RecipeStages(
                name: "road/0007", seed: 1,
                stages: [
                    StageSpecification(id: "load", kind: "load"),
                    StageSpecification(
                        id: "prune", kind: "prune", options: ["MaxToPrune": options], needs: ["load"],
                        reads: [StageRead(role: "network", id: "load")]),
                ] + more)
        ])
    }

    static let point = PointFile(
        recipe: "../../road.yaml", settings: ["prune.MaxToPrune=2"], graph: graph())

    @Test func `a point is read as it was written`() throws {
        let data = Data(Self.point.document.prettyText.utf8)
        #expect(try PointFile(decoding: data, at: "p.json") == Self.point)
        #expect(Self.point.name == "road/0007")
        #expect(Self.point.stages.map(\.needs) == [[], ["load"]])
    }

    @Test(arguments: [
        ("[", "'p.json' is no file of a point: it is no JSON"),
        (#"{"schema": "pare.point/2"}"#, "'p.json' is no file of a point: its schema is not 'pare.point/1'"),
        (
            #"{"schema": "pare.point/1", "name": "a", "recipe": "b", "set": [], "stages": []}"#,
            "'p.json' is no file of a point: it lacks a name, a recipe, settings or stages"
        ),
    ])
    func `what is no point is refused`(text: String, message: String) {
        let error = #expect(throws: SweepError.self) { try PointFile(decoding: Data(text.utf8), at: "p.json") }
        #expect(error?.message == message)
    }

    @Test func `a recipe with the same keys is the one that was frozen`() throws {
        try Self.point.check(Self.graph())
    }

    @Test(arguments: [
        (graph(3), "stage 'prune' has another key"),
        (graph(more: [StageSpecification(id: "last", kind: "load")]), "stage 'last' is new"),
    ])
    func `a recipe with other keys is refused`(graph: StageGraph, difference: String) {
        let error = #expect(throws: SweepError.self) { try Self.point.check(graph) }
        #expect(
            error?.message
                == "the recipe or its inputs changed since the plan of 'road/0007' was frozen: \(difference)")
    }

    @Test func `a stage that is gone is named`() {
        let frozen = PointFile(
            recipe: "r", settings: [], graph: Self.graph(more: [StageSpecification(id: "last", kind: "load")]))
        let error = #expect(throws: SweepError.self) { try frozen.check(Self.graph()) }
        #expect(
            error?.message
                == "the recipe or its inputs changed since the plan of 'road/0007' was frozen: it had a stage 'last'")
    }

    @Test func `a folder holds the points of the last expansion, and finds their recipe`() throws {
        let temporary = try TemporaryFolder()
        let folder = SweepFolder(temporary.path + "/sweep")
        try "".write(toFile: temporary.path + "/road.yaml", atomically: false, encoding: .utf8)
        let recipe = try folder.prepare(recipe: temporary.path + "/road.yaml")
        #expect(recipe == "../../road.yaml")
        try folder.write([Self.point, Self.point, Self.point])
        #expect(try folder.points().count == 3)
        try folder.write([Self.point])
        #expect(try folder.points() == [Self.point])
        #expect(try temporary.files(below: "sweep").keys.sorted() == ["points/0000.json"])
        // Whatever else stands there is no point.
        for name in ["9223372036854775807", "00001", "-1", "10000", "+2", "7"] {
            try "".write(toFile: "\(temporary.path)/sweep/points/\(name).json", atomically: false, encoding: .utf8)
        }
        #expect(try folder.points() == [Self.point])
        let path = folder.pointPath(0)
        #expect(try Self.point.recipePath(at: path).hasSuffix("/road.yaml"))
        try FileManager.default.removeItem(atPath: temporary.path + "/road.yaml")
        let error = #expect(throws: SweepError.self) { try Self.point.recipePath(at: path) }
        #expect(error?.message == "the recipe '../../road.yaml' of the point '\(path)' is not there")
    }

    @Test func `points that are not there are asked for`() throws {
        let temporary = try TemporaryFolder()
        let error = #expect(throws: SweepError.self) { try SweepFolder(temporary.path).points() }
        #expect(
            error?.message
                == "there is no point '\(temporary.path)/points/0000.json': write the points of the sweep with "
                + "'pare sweep expand'")
    }
}
