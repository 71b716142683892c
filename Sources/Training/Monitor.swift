/// How long work is watched and stopped from outside.
///
/// Only where it is asked can the work be stopped, saved and resumed; none of it changes a result.
package struct Monitor<Progress, Checkpoint> {
    package var report: (Progress) -> Void
    /// Whether a checkpoint is due; `true` at the end of an epoch, `false` between two steps.
    package var isCheckpointDue: (_ epochEnded: Bool) -> Bool
    /// Takes everything that is needed to go on.
    package var save: (Checkpoint) throws -> Void
    /// Throws if the work is to stop, after a checkpoint was saved.
    package var checkCancellation: () throws -> Void

    package init(
        report: @escaping (Progress) -> Void, isCheckpointDue: @escaping (Bool) -> Bool,
        save: @escaping (Checkpoint) throws -> Void, checkCancellation: @escaping () throws -> Void
    ) {
        self.report = report
        self.isCheckpointDue = isCheckpointDue
        self.save = save
        self.checkCancellation = checkCancellation
    }

    /// Nobody watches.
    package static var none: Self {
        Self(report: { _ in }, isCheckpointDue: { _ in false }, save: { _ in }, checkCancellation: {})
    }
}

/// The monitor of a training.
package typealias TrainingMonitor = Monitor<TrainingProgress, TrainingCheckpoint>

/// The training that goes on, for a progress line.
package struct TrainingProgress: Hashable, Sendable {
    /// The share of all steps that are done, from 0 to 1.
    package var fraction: Double
    package var epoch: Int
    package var maxEpochs: Int
    /// Of the epoch so far, as in an ``EpochRecord``.
    package var loss: Double
    package var accuracy: Double?
    package var rmse: Double?
}
