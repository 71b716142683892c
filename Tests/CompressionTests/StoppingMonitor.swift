import Compression
import Foundation
import Training

/// Stops a computation when it has saved so many checkpoints, as a signal would; every unit of work saves one.
final class StoppingMonitor {
    struct Stop: Error {}

    /// The last checkpoint.
    private(set) var saved: Data?
    private var saves = 0
    private let stop: Int

    init(afterSaves stop: Int) { self.stop = stop }

    var monitor: CompressionMonitor {
        CompressionMonitor(
            report: { _ in }, isCheckpointDue: { _ in true },
            save: { [self] in
                saves += 1
                saved = $0
            }, checkCancellation: { [self] in if saves == stop { throw Stop() } })
    }
}
