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
    private let pace: Mutex<Pace>

    /// When the last checkpoint was saved and what it took.
    private struct Pace {
        var lastSave: Double
        /// When it was last said that one is due.
        var asked: Double?
        var cost = 0.0
        var total = 0.0
    }

    /// A checkpoint is not saved before this many times as many seconds have passed as the last one took.
    private static let leastRatio = 50.0

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
        pace = Mutex(Pace(lastSave: context.uptime()))
    }

    /// What the stage saved last before it was stopped, or `nil` if it starts from its beginning.
    package func load() -> Data? { loaded }

    /// Whether it is time to save: the interval has passed, or the stage is to stop.
    ///
    /// Where a checkpoint takes long, so that saving would take more than a fiftieth of the time, the interval is longer.
    /// An interval of 0 asks for all of them, whatever they take.
    ///
    /// - Parameter unitEnded: Whether a unit of work has ended, such as an epoch. With an interval of 0 only then is a
    ///   checkpoint due.
    package func isDue(unitEnded: Bool = true) -> Bool {
        let now = context.uptime()
        return pace.withLock { pace in
            let wait = interval > 0 ? max(interval, Self.leastRatio * pace.cost) : 0
            let isTime = (unitEnded || interval > 0) && now - pace.lastSave >= wait
            let isDue = isTime || cancellation.reason != nil
            pace.asked = isDue ? now : nil
            return isDue
        }
    }

    /// Stores how far the stage came, in place of what it saved before.
    package func save(_ data: Data) throws {
        let began = context.uptime()
        try store.save(InnerCheckpoint(data: data, instructionSet: context.instructionSet), for: key)
        let now = context.uptime()
        pace.withLock { pace in
            // What the stage did to make the bytes, since it was told to, is a part of the cost.
            pace.cost = now - (pace.asked ?? began)
            pace.total += pace.cost
            pace.lastSave = now
            pace.asked = nil
        }
    }

    /// The seconds that checkpoints took so far.
    var seconds: Double { pace.withLock { $0.total } }
}
