internal import Dispatch
internal import Foundation
internal import Synchronization

/// The threads on which the stages of a run are made, each for one stage at a time.
final class StageThreads: Sendable {
    private let queue = Queue()

    /// Starts the threads; they end when the value does and all work is done.
    init(count: Int) {
        for _ in 0..<count {
            let thread = Thread { [queue] in while let work = queue.take() { work() } }
            thread.name = "stage"
            thread.stackSize = 8 << 20
            thread.start()
        }
        self.count = count
    }

    private let count: Int

    deinit {
        for _ in 0..<count { queue.post(nil) }
    }

    /// Has a thread do some work, at once if one is free.
    func run(_ work: @escaping @Sendable () -> Void) { queue.post(work) }
}

extension StageThreads {
    /// Work in the order in which it came; `nil` ends a thread.
    private final class Queue: Sendable {
        typealias Work = @Sendable () -> Void

        private let entries = Mutex<[Work?]>([])
        private let arrivals = DispatchSemaphore(value: 0)

        func post(_ work: Work?) {
            entries.withLock { $0.append(work) }
            arrivals.signal()
        }

        func take() -> Work? {
            arrivals.wait()
            return entries.withLock { $0.removeFirst() }
        }
    }
}
