internal import Checkpoints
package import Foundation
internal import Planning
internal import Synchronization

/// The inner checkpoint of a running stage: opaque bytes from which it can go on.
///
/// ```swift
/// var state = try work.checkpointing.load().map(State.init) ?? State()
/// while !state.isDone {
///     state.advance()
///     if work.checkpointing.isDue() { try work.checkpointing.save(state.data) }
///     try work.checkCancellation()
/// }
/// ```
package final class Checkpointing: Sendable {
    private let key: StageKey
    private let store: Store
    private let context: ExecutionContext
    private let interval: Double
    private let cancellation: CancellationToken
    private let loaded: Data?
    private let lastSave: Mutex<Double>

    init(
        key: StageKey, store: Store, context: ExecutionContext, interval: Double, cancellation: CancellationToken,
        loaded: Data?
    ) {
        self.key = key
        self.store = store
        self.context = context
        self.interval = interval
        self.cancellation = cancellation
        self.loaded = loaded
        lastSave = Mutex(context.uptime())
    }

    /// What the stage saved last before it was stopped, or `nil` if it starts from its beginning.
    package func load() -> Data? { loaded }

    /// Whether it is time to save: the interval has passed, or the stage is to stop.
    ///
    /// - Parameter unitEnded: Whether a unit of work has ended, such as an epoch. With an interval of 0 only then is a
    ///   checkpoint due.
    package func isDue(unitEnded: Bool = true) -> Bool {
        if cancellation.reason != nil { return true }
        return (unitEnded || interval > 0) && context.uptime() - lastSave.withLock { $0 } >= interval
    }

    /// Stores how far the stage came, in place of what it saved before.
    package func save(_ data: Data) throws {
        try store.save(InnerCheckpoint(data: data, instructionSet: context.instructionSet), for: key)
        lastSave.withLock { $0 = context.uptime() }
    }
}
