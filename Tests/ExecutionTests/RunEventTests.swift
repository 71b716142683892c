import Checkpoints
import Documents
import Execution
import Foundation
import Planning
import Synchronization
import TestSupport
import Testing

@Suite struct RunEventTests {
    @Test func `events come in order`() throws {
        var scenario = try Scenario()
        scenario.set("quantize", "fails", "no")
        let outcome = try scenario.run()
        #expect(
            outcome.eventNames == [
                "stage.started load", "stage.progress load", "stage.finished load",
                "stage.started prune", "stage.progress prune", "stage.progress prune", "stage.progress prune",
                "stage.progress prune", "stage.finished prune",
                "stage.started evaluate", "stage.progress evaluate", "stage.finished evaluate",
                "stage.started quantize", "stage.progress quantize", "stage.progress quantize",
                "stage.failed quantize", "run.finished",
            ])
        #expect(
            try scenario.run().eventNames == [
                "stage.reused load", "stage.reused prune", "stage.reused evaluate", "stage.started quantize",
                "stage.failed quantize", "run.finished",
            ])
    }

    @Test func `events as JSON`() throws {
        var scenario = try Scenario()
        scenario.recipes[0].stages = [
            Scenario.stage("load", value: 1, steps: 2), Scenario.stage("q", value: 1, after: "load"),
        ]
        scenario.set("q", "fails", "no")
        let clock = FakeClock()
        scenario.uptime = { clock.value }
        let outcome = try scenario.run { _, _ in clock.advance(by: 4) }
        let nodes = outcome.plan.graph.nodes
        let load = "\"id\":\"load\",\"key\":\"\(nodes[0].key)\",\"kind\":\"load\""
        let q = "\"id\":\"q\",\"key\":\"\(nodes[1].key)\",\"kind\":\"q\""
        #expect(
            outcome.events.map(\.canonicalText) == [
                "{\"event\":\"stage.started\",\(load),\"recipe\":\"road\"}",
                "{\"event\":\"stage.progress\",\"fraction\":0.5,\(load),\"metrics\":{},\"recipe\":\"road\","
                    + "\"secondsRemaining\":4,\"what\":\"step 1 of 2\"}",
                "{\"event\":\"stage.progress\",\"fraction\":1,\(load),\"metrics\":{},\"recipe\":\"road\","
                    + "\"secondsRemaining\":0,\"what\":\"step 2 of 2\"}",
                "{\"event\":\"stage.finished\",\(load),\"recipe\":\"road\",\"requirementsMet\":true,\"seconds\":8}",
                "{\"event\":\"stage.started\",\(q),\"recipe\":\"road\"}",
                "{\"event\":\"stage.progress\",\"fraction\":1,\(q),\"metrics\":{},\"recipe\":\"road\","
                    + "\"secondsRemaining\":0,\"what\":\"step 1 of 1\"}",
                "{\"event\":\"stage.failed\",\(q),\"message\":\"no\",\"recipe\":\"road\",\"seconds\":4}",
                "{\"event\":\"run.finished\",\"exitStatus\":1,\"failed\":1,\"folders\":[\"\(scenario.folders[0])\"],"
                    + "\"interrupted\":0,\"ran\":1,\"reused\":0,\"seconds\":12,\"skipped\":0}",
            ])
    }

    @Test func `a stage that goes on is estimated from its first report`() throws {
        var scenario = try Scenario()
        scenario.recipes[0].stages = [Scenario.stage("load", value: 1, steps: 4)]
        let token = CancellationToken()
        _ = try scenario.run(cancellation: token) { if $1 == 2 { token.cancel(.interrupted) } }
        let clock = FakeClock()
        scenario.uptime = { clock.value }
        let resumed = try scenario.run { _, _ in clock.advance(by: 3) }
        let progress = resumed.events.filter { $0["event"] == "stage.progress" }
        #expect(progress.map { $0["fraction"]?.double } == [0.75, 1])
        #expect(progress.map { $0["secondsRemaining"]?.double } == [nil, 0])
    }

    @Test func `a full disk fails the stage with the remedy`() throws {
        // The disk is full from the first change on after the folders of the store and the run are there.
        let counter = FaultyFileSystem()
        var empty = try Scenario()
        empty.recipes[0].stages = []
        _ = try empty.run(files: counter)
        let scenario = try Scenario()
        let outcome = try scenario.run(files: FaultyFileSystem(.refuses(ENOSPC), atChange: counter.changeCount + 1))
        let folder = try scenario.store().folder(of: outcome.plan.graph.nodes[0].key)
        #expect(outcome.statuses == [.failed, .skipped, .skipped, .skipped])
        #expect(
            outcome.summary.stages[0].message == "no space left while creating the folder '\(folder)': free some space "
                + "and run the same command again; nothing stored is lost")
        #expect(outcome.summary.exitStatus == .failed)
    }

    @Test func `the work for files grows with the number of stages`() throws {
        var scenario = try Scenario()
        scenario.settings.checkpointInterval = 1000
        scenario.recipes[0].stages = [Scenario.stage("s0", value: 0)]
        for number in 1..<300 {
            scenario.recipes[0].stages.append(Scenario.stage("s\(number)", value: number, after: "s\(number - 1)"))
        }
        let first = FaultyFileSystem()
        #expect(try scenario.run(files: first).summary.count(of: .ran) == 300)
        #expect(first.changeCount < 13 * 300 + 20)
        let again = FaultyFileSystem()
        #expect(try scenario.run(files: again).summary.count(of: .reused) == 300)
        #expect(again.changeCount < 5 * 300 + 20)
    }
}
