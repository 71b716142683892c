internal import Dispatch
internal import Execution
internal import Foundation

/// Stops a run at SIGINT and SIGTERM, in a way that leaves a checkpoint; a second SIGINT ends the process at once.
final class SignalWatch {
    private let sources: [any DispatchSourceSignal]

    /// - Parameters:
    ///   - cancellation: What stops the run.
    ///   - notify: Tells the user; called on a thread of its own.
    init(_ cancellation: CancellationToken, notify: @escaping @Sendable (String) -> Void) {
        let queue = DispatchQueue(label: "signals")
        let signals: [(number: Int32, reason: CancellationToken.Reason)] = [
            (SIGINT, .interrupted), (SIGTERM, .terminated),
        ]
        sources = signals.map { number, reason in
            // The source sees a signal that the process itself ignores.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if let earlier = cancellation.reason {
                    if number == SIGINT { _exit(earlier == .terminated ? 143 : 130) }
                    return
                }
                cancellation.cancel(reason)
                notify("\(reason): saving a checkpoint...")
            }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }
}
