internal import Checkpoints
internal import Foundation
internal import Planning

/// Makes one stage and posts what happens.
struct Worker: Sendable {
    /// Something that happened to a stage.
    struct Message: Sendable {
        enum Content: Sendable {
            case waiting
            case started(resumed: Bool)
            case progress(StageProgress)
            case warning(String)
            case ended(Ending, seconds: Double)
        }

        let index: Int
        let time: Double
        let content: Content
    }

    /// How the work ended.
    enum Ending: Sendable {
        /// The stage made it, and spent some seconds on checkpoints.
        case made(Record, checkpointSeconds: Double)
        /// Another runner made the record meanwhile.
        case found(Record)
        case failed(String, settings: [String] = [])
        case interrupted
    }

    let executor: Executor
    let node: StageGraph.Node
    let index: Int
    let isForced: Bool
    let inputs: [StageInput]
    let mailbox: Mailbox<Message>

    func work() {
        let began = executor.context.uptime()
        let ending = end()
        post(.ended(ending, seconds: executor.context.uptime() - began))
    }
}

extension Worker {
    private func end() -> Ending {
        do {
            return try make()
        } catch is Interrupted {
            return .interrupted
        } catch {
            return .failed("\(error)", settings: (error as? any MendableError)?.settings ?? [])
        }
    }

    /// Takes the key's lock, looks once more whether the record is there, and makes it.
    ///
    /// A stage that is forced starts from its beginning; its old record stays until the new one takes its place.
    private func make() throws -> Ending {
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        var old: Record?
        switch try executor.store.lookUp(node.key) {
        case .complete(let record) where isForced: old = record
        case .complete(let record): return .found(record)
        case .damaged(let reason):
            post(.warning("the record of \(node.specification.id) is damaged and is made again: \(reason)"))
        case .absent, .started: break
        }
        let checkpoint = isForced ? nil : try checkpoint()
        try executor.store.clear(node.key, keeping: old, andCheckpoint: checkpoint != nil)
        try executor.cancellation.check()
        post(.started(resumed: checkpoint != nil))
        let began = executor.context.uptime()
        let work = work(from: checkpoint)
        let outcome = try executor.runner.run(work)
        // To lose what took no time costs no more than to force it to the disk.
        let isLong = checkpoint != nil || executor.context.uptime() - began >= Self.longStage
        let record = Record(
            key: node.key, ingredients: node.ingredients, result: outcome.result,
            requirementsMet: outcome.requirementsMet, outputs: outcome.outputs)
        try executor.store.save(record, outputs: outcome.outputs, durably: isLong)
        return .made(record, checkpointSeconds: work.checkpointing.seconds)
    }

    /// The seconds from which on what a stage made is to outlive a power cut.
    private static let longStage = 0.1

    private func lock() throws -> FileLock {
        var hasWaited = false
        return try executor.store.lock(node.key) {
            if !hasWaited { post(.waiting) }
            hasWaited = true
            try executor.cancellation.check()
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    private func checkpoint() throws -> Data? {
        let id = node.specification.id
        switch try executor.store.checkpoint(of: node.key) {
        case .absent: return nil
        case .damaged:
            post(.warning("the checkpoint of \(id) is damaged: the stage starts again"))
            return nil
        case .found(let checkpoint) where checkpoint.instructionSet != executor.context.instructionSet:
            post(
                .warning(
                    "the checkpoint of \(id) was made on the instruction set '\(checkpoint.instructionSet)', "
                        + "this is '\(executor.context.instructionSet)': the stage starts again"))
            return nil
        case .found(let checkpoint): return checkpoint.data
        }
    }

    private func work(from checkpoint: Data?) -> StageWork {
        StageWork(
            recipe: node.recipeName, specification: node.specification, key: node.key, inputs: inputs,
            checkpointing: Checkpointing(
                key: node.key, store: executor.store, context: executor.context,
                interval: executor.settings.checkpointInterval, cancellation: executor.cancellation,
                loaded: checkpoint),
            cancellation: executor.cancellation, notify: { post(.progress($0)) })
    }

    private func post(_ content: Message.Content) {
        mailbox.post(Message(index: index, time: executor.context.uptime(), content: content))
    }
}
