internal import Synchronization

/// Tells running stages to stop; safe to cancel from any thread, such as that of a signal source.
package final class CancellationToken: Sendable {
    /// Why a run stops before its end.
    package enum Reason: Hashable, Sendable {
        /// By SIGINT.
        case interrupted
        /// By SIGTERM.
        case terminated
    }

    private let state = Mutex<Reason?>(nil)

    package init() {}

    /// Asks for the end; the first reason stays.
    package func cancel(_ reason: Reason) {
        state.withLock { $0 = $0 ?? reason }
    }

    /// Why the run is to stop, or `nil` while it goes on.
    package var reason: Reason? { state.withLock { $0 } }

    /// Throws ``Interrupted`` if the run is to stop.
    package func check() throws {
        if let reason { throw Interrupted(reason: reason) }
    }
}

/// A stage stopped because it was asked to; what it did so far is in its inner checkpoint.
package struct Interrupted: Error, Hashable, Sendable {
    package let reason: CancellationToken.Reason

    package init(reason: CancellationToken.Reason) {
        self.reason = reason
    }
}
