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
