import Synchronization

/// A clock that goes on when it is told to.
final class FakeClock: Sendable {
    private let seconds = Mutex(0.0)

    var value: Double { seconds.withLock { $0 } }

    func advance(by more: Double) { seconds.withLock { $0 += more } }
}
