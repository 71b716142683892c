import Checkpoints
import Documents
import Execution
import Foundation
import Planning
import Synchronization
import TestSupport
import Testing

/// When a stage saves how far it is, and what that may take.
@Suite struct CheckpointingTests {
    /// The steps after which a stage of 200 steps, a second each, saves, if a checkpoint takes some seconds.
    private func saves(interval: Double, cost: Double, cancelAt stop: Int? = nil) throws -> [Int] {
        var scenario = try Scenario()
        let clock = FakeClock()
        scenario.uptime = { clock.value }
        scenario.settings.checkpointInterval = interval
        scenario.recipes[0].stages = [Scenario.stage("train", value: 1, steps: 200)]
        let token = CancellationToken()
        let now = Mutex(0)
        let saved = Mutex<[Int]>([])
        let files = WatchedFileSystem { _ in
            clock.advance(by: cost)
            saved.withLock { $0.append(now.withLock { $0 }) }
        }
        let outcome = try scenario.run(files: files, cancellation: token) { _, step in
            clock.advance(by: 1)
            now.withLock { $0 = step }
            if step == stop { token.cancel(.terminated) }
        }
        let steps = saved.withLock { $0 }
        if stop == nil {
            let seconds = try scenario.document("01-train.json").value(at: "execution.checkpointSeconds")?.double
            #expect(seconds == Double(steps.count) * cost)
            #expect(outcome.summary.stages[0].checkpointSeconds == seconds)
        }
        return steps
    }

    @Test func `a cheap checkpoint is saved at each interval`() throws {
        #expect(try saves(interval: 40, cost: 0) == [40, 80, 120, 160, 200])
        #expect(try saves(interval: 40, cost: 0.5) == [40, 80, 120, 160, 200])
    }

    @Test func `a dear one is saved when fifty times what the last one took has passed`() throws {
        #expect(try saves(interval: 40, cost: 1) == [40, 90, 140, 190])
        #expect(try saves(interval: 5, cost: 2) == [5, 105])
    }

    @Test func `with an interval of 0 every one is saved`() throws {
        #expect(try saves(interval: 0, cost: 3) == Array(1...200))
    }

    @Test func `a stage that is to stop saves at once, whatever it takes`() throws {
        #expect(try saves(interval: 5, cost: 2, cancelAt: 11) == [5, 11])
    }

    @Test func `a reused stage spent nothing`() throws {
        let scenario = try Scenario()
        _ = try scenario.run()
        _ = try scenario.run()
        #expect(try scenario.document("02-prune.json").value(at: "execution.checkpointSeconds") == nil)
    }
}
