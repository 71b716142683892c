internal import Dispatch
internal import Synchronization

/// Messages from many threads to one, in the order in which they were posted.
final class Mailbox<Message: Sendable>: Sendable {
    private let messages = Mutex<[Message]>([])
    private let arrivals = DispatchSemaphore(value: 0)

    func post(_ message: Message) {
        let wasEmpty = messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        if wasEmpty { arrivals.signal() }
    }

    /// Takes every message there is, waiting for the first one; none if none came in time.
    func take(within seconds: Double) -> [Message] {
        _ = arrivals.wait(timeout: .now() + seconds)
        return messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
