package import Networks

/// What one epoch came to.
package struct EpochRecord: Codable, Hashable, Sendable {
    /// Counted from 1.
    package var epoch: Int
    /// Of its last step.
    package var learnRate: Double
    /// Means over the epoch's batches, in training mode: of the loss, and of the accuracy if the targets are classes, or
    /// the root of the mean square of the error if they are values.
    package var loss: Double
    package var accuracy: Double?
    package var rmse: Double?
    /// The last validation in the epoch, if there was one.
    package var validation: ValidationRecord?
}

/// What a validation came to.
package struct ValidationRecord: Codable, Hashable, Sendable {
    /// The steps that were done before it; 0 for a network as training finds it.
    package var step: Int
    /// With the class weights and label smoothing of the training.
    package var loss: Double
    package var accuracy: Double?
    package var rmse: Double?
    /// What the options ask for beside the loss, by name; without those that are not defined on the data.
    package var metrics: [String: Double] = [:]

    /// What was measured of a metric; `nil` if it was not, or is not defined on the data.
    package func value(of metric: Metric) -> Double? {
        switch metric {
        case .loss: loss
        case .accuracy: accuracy ?? metrics[metric.rawValue]
        case .rmse: rmse ?? metrics[metric.rawValue]
        default: metrics[metric.rawValue]
        }
    }
}

/// A trained network and how it came about.
package struct TrainingResult: Sendable {
    package var network: Network
    package var history: [EpochRecord]
    /// Every validation, the first first.
    package var validations: [ValidationRecord]
    package var stopReason: StopReason
    /// The epoch after which the network was as it is; 0 for a network that was not trained.
    package var selectedEpoch: Int
    /// The same in steps.
    package var selectedStep: Int

    package enum StopReason: String, Codable, Hashable, Sendable {
        case maxEpochs = "all epochs done"
        case patience = "validation patience exhausted"
    }
}
