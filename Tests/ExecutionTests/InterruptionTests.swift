import Checkpoints
import Documents
import Execution
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct InterruptionTests {
    static func quiet() throws -> (records: [String: Data], network: Data?) {
        let scenario = try Scenario()
        _ = try scenario.run()
        return (try scenario.records(), try scenario.folder.files(below: "run")["network.safetensors"])
    }

    /// Stops a run at every change that it makes to files, and runs it again.
    @Test(arguments: [FaultyFileSystem.Fault.stops, .tears, .refuses(ENOSPC), .refuses(EACCES)])
    func `a run that is stopped at any change ends with the same bytes`(fault: FaultyFileSystem.Fault) throws {
        let quiet = try Self.quiet()
        let counter = FaultyFileSystem()
        _ = try Scenario().run(files: counter)
        #expect(counter.changeCount > 70)
        for turn in 1...counter.changeCount {
            let scenario = try Scenario()
            let files = FaultyFileSystem(fault, atChange: turn)
            let stopped = Result { try scenario.run(files: files) }
            #expect(files.hasFailed, "change \(turn)")
            if case .success(let outcome) = stopped {
                // Only notes for plans may be lost without a word, and they are not the last change.
                #expect(outcome.summary.exitStatus == .failed, "change \(turn)")
            }
            let resumed = try scenario.run()
            #expect(resumed.summary.exitStatus == .done, "change \(turn)")
            #expect(resumed.warnings == [], "change \(turn)")
            #expect(try scenario.records() == quiet.records, "change \(turn)")
            #expect(
                try scenario.folder.files(below: "run")["network.safetensors"] == quiet.network, "change \(turn)")
            #expect(try scenario.run().begun == [], "change \(turn)")
        }
    }

    @Test(arguments: [("load", 1), ("prune", 1), ("prune", 3), ("evaluate", 1), ("quantize", 1)])
    func `a run that is interrupted in a stage goes on from its checkpoint`(id: String, step: Int) throws {
        let quiet = try Self.quiet()
        var scenario = try Scenario()
        scenario.settings.checkpointInterval = 1000
        let token = CancellationToken()
        let stopped = try scenario.run(cancellation: token) { if $0 == id && $1 == step { token.cancel(.interrupted) } }
        #expect(stopped.summary.exitStatus == .interrupted)
        #expect(stopped.statuses.contains(.interrupted))
        #expect(try scenario.document("run.json")["exitStatus"] == 130)
        #expect(try scenario.plan().decisions.contains(.run(.interrupted)))
        let resumed = try scenario.run()
        #expect(resumed.begun.contains("\(id)@\(step)"))
        #expect(resumed.summary.exitStatus == .done)
        #expect(try scenario.records() == quiet.records)
    }

    @Test func `only what took a while is forced to the disk`() throws {
        var scenario = try Scenario()
        scenario.settings.checkpointInterval = 1000
        let clock = FakeClock()
        scenario.uptime = { clock.value }
        let files = FaultyFileSystem()
        // A quarter of a second for each of the steps of prune, none for the others.
        let token = CancellationToken()
        _ = try scenario.run(files: files, cancellation: token) { id, step in
            if id == "prune" { clock.advance(by: 0.25) }
            if id == "quantize", step == 1 { token.cancel(.interrupted) }
        }
        func records(_ files: FaultyFileSystem) throws -> [String] {
            let nodes = try scenario.plan().graph.nodes
            return files.forced.filter { $0.hasSuffix("record.json.partial") }.compactMap { path in
                nodes.first { path.contains($0.key.description) }?.specification.id
            }
        }
        #expect(try records(files) == ["prune"])
        // Quick as it is: its checkpoint shows that it was not always so.
        let resumed = FaultyFileSystem()
        #expect(try scenario.run(files: resumed).begun == ["quantize@1"])
        #expect(try records(resumed) == ["quantize"])
    }

    @Test func `a terminated run says what was not done`() throws {
        let scenario = try Scenario()
        let token = CancellationToken()
        let stopped = try scenario.run(cancellation: token) {
            if $0 == "prune" && $1 == 2 {
                token.cancel(.terminated)
                token.cancel(.interrupted)
            }
        }
        #expect(stopped.summary.exitStatus == .terminated)
        #expect(stopped.statuses == [.ran, .interrupted, .skipped, .skipped])
        #expect(stopped.summary.stages[3].message == "needs prune, which was interrupted")
    }

    @Test func `a cancellation before the start runs nothing`() throws {
        let token = CancellationToken()
        token.cancel(.interrupted)
        let outcome = try Scenario().run(cancellation: token)
        #expect(outcome.statuses == Array(repeating: .skipped, count: 4))
        #expect(outcome.summary.stages[0].message == "not started before the interruption")
        #expect(outcome.summary.exitStatus == .interrupted)
    }

    @Test func `a checkpoint of another instruction set is refused`() throws {
        let quiet = try Self.quiet()
        var scenario = try Scenario()
        let token = CancellationToken()
        _ = try scenario.run(cancellation: token) { if $0 == "prune" && $1 == 2 { token.cancel(.interrupted) } }
        scenario.instructionSet = "neon"
        let resumed = try scenario.run()
        #expect(
            resumed.warnings == [
                "the checkpoint of prune was made on the instruction set 'avx2', this is 'neon': the stage starts again"
            ])
        #expect(resumed.begun.contains("prune@0"))
        #expect(try scenario.records() == quiet.records)
    }

    @Test func `a damaged checkpoint is ignored and said`() throws {
        let quiet = try Self.quiet()
        let scenario = try Scenario()
        let token = CancellationToken()
        _ = try scenario.run(cancellation: token) { if $0 == "prune" && $1 == 2 { token.cancel(.interrupted) } }
        try scenario.flip("checkpoint", of: "prune")
        let resumed = try scenario.run()
        #expect(resumed.warnings == ["the checkpoint of prune is damaged: the stage starts again"])
        #expect(resumed.begun.contains("prune@0"))
        #expect(try scenario.records() == quiet.records)
    }

    @Test(arguments: ["record.json", "network.safetensors"])
    func `a damaged record is noticed, reported and made again`(name: String) throws {
        let scenario = try Scenario()
        _ = try scenario.run()
        let records = try scenario.records()
        try scenario.flip(name, of: "prune")
        let damage =
            name == "record.json"
            ? "'record.json' is not what was written" : "'network.safetensors' has changed since it was written"
        let outcome = try scenario.run()
        #expect(outcome.planned == ["reused", "runs: record damaged: \(damage)", "reused", "reused"])
        #expect(outcome.warnings == ["the record of prune is damaged and is made again: \(damage)"])
        #expect(outcome.begun == ["prune@0"])
        #expect(try scenario.records() == records)
    }

    @Test func `of two runners on one key one waits and reuses`() throws {
        let scenario = try Scenario()
        let isWaiting = DispatchSemaphore(value: 0)
        let hasBegun = DispatchSemaphore(value: 0)
        let isDone = DispatchSemaphore(value: 0)
        let first = try #require(Optional(Box<Scenario.Outcome>()))
        let thread = Thread {
            first.value = try? scenario.run { id, _ in
                if id == "load" {
                    hasBegun.signal()
                    isWaiting.wait()
                }
            }
            isDone.signal()
        }
        thread.start()
        hasBegun.wait()
        var other = scenario
        other.settings.jobs = 2
        let second = try other.run(onEvent: { if case .stageWaiting = $0 { isWaiting.signal() } })
        isDone.wait()
        #expect(first.value?.begun.contains("load@0") == true)
        #expect(!second.begun.contains("load@0"))
        #expect(second.eventNames.first == "stage.waiting load")
        #expect(second.eventNames.contains("stage.reused load"))
        #expect(second.summary.exitStatus == .done)
        let begun = (first.value?.begun ?? []) + second.begun
        #expect(begun.sorted() == ["evaluate@0", "load@0", "prune@0", "quantize@0"])
    }

    @Test func `a wait for another runner can be interrupted`() throws {
        let scenario = try Scenario()
        let store = try scenario.store()
        try store.prepare()
        let lock = try store.lock(scenario.plan().graph.nodes[0].key) {}
        let token = CancellationToken()
        let outcome = try scenario.run(
            cancellation: token, onEvent: { if case .stageWaiting = $0 { token.cancel(.interrupted) } })
        #expect(outcome.statuses == [.interrupted, .skipped, .skipped, .skipped])
        withExtendedLifetime(lock) {}
    }
}

/// A place for a value that a thread leaves; read after the thread has ended.
final class Box<Value>: @unchecked Sendable { var value: Value? }
