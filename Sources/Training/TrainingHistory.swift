package import Networks

/// What one epoch came to.
package struct EpochRecord: Codable, Hashable, Sendable {
    /// Counted from 1.
    package var epoch: Int
    package var learnRate: Double
    /// Means over the epoch's batches, in training mode.
    package var loss: Double
    package var accuracy: Double
    /// Of the last validation in the epoch, if there was one.
    package var validationLoss: Double?
    package var validationAccuracy: Double?
}

/// A trained network and how it came about.
package struct TrainingResult: Sendable {
    package var network: Network
    package var history: [EpochRecord]
    package var stopReason: StopReason
    /// The epoch after which the network was as it is; 0 for a network that was not trained.
    package var selectedEpoch: Int

    package enum StopReason: String, Codable, Hashable, Sendable {
        case maxEpochs = "all epochs done"
        case patience = "validation patience exhausted"
    }
}

/// How a training is watched and stopped from outside.
///
/// Only where it is asked can it be stopped, saved and resumed; none of it changes a result.
package struct TrainingMonitor {
    /// The training that goes on, for a progress line.
    package struct Progress: Hashable, Sendable {
        /// The share of all steps that are done, from 0 to 1.
        package var fraction: Double
        package var epoch: Int
        package var maxEpochs: Int
        /// Of the epoch so far.
        package var loss: Double
        package var accuracy: Double
    }

    package var report: (Progress) -> Void
    /// Whether a checkpoint is due; `true` at the end of an epoch, `false` between two steps.
    package var isCheckpointDue: (_ epochEnded: Bool) -> Bool
    package var save: (TrainingCheckpoint) throws -> Void
    /// Throws if the training is to stop, after a checkpoint was saved.
    package var checkCancellation: () throws -> Void

    package init(
        report: @escaping (Progress) -> Void, isCheckpointDue: @escaping (Bool) -> Bool,
        save: @escaping (TrainingCheckpoint) throws -> Void, checkCancellation: @escaping () throws -> Void
    ) {
        self.report = report
        self.isCheckpointDue = isCheckpointDue
        self.save = save
        self.checkCancellation = checkCancellation
    }

    /// Nobody watches.
    package static var none: TrainingMonitor {
        TrainingMonitor(report: { _ in }, isCheckpointDue: { _ in false }, save: { _ in }, checkCancellation: {})
    }
}
