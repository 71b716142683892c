package import Networks
package import Training

/// A pruned network and how it came about.
package struct PruningResult: Sendable {
    package var network: Network
    /// The start, counted as iteration 0, and every iteration.
    package var history: [PruningIteration]
    package var stopReason: PruningStopReason
    /// Whether the goal is reached; true if there was none.
    package var isMet: Bool
    /// The epochs of the training after the last iteration.
    package var retraining: [EpochRecord]
}

/// Why pruning ended.
package enum PruningStopReason: String, Codable, Hashable, Sendable {
    case goalMetBefore = "goal met before pruning"
    case goalMet = "goal met"
    case nothingLeft = "nothing more can be removed"
    case thresholdBrokenBefore = "validation threshold broken before pruning"
    case thresholdBroken = "validation threshold broken"
}

/// What one iteration of pruning did, and what it left.
package struct PruningIteration: Codable, Hashable, Sendable {
    /// Filters that went together.
    package struct Removal: Codable, Hashable, Sendable {
        package var score: Double
        package var filters: [Filter]
    }

    /// A filter by its position when pruning began.
    package struct Filter: Codable, Hashable, Sendable {
        package var layer: String
        package var filter: Int
    }

    package struct LayerFilters: Codable, Hashable, Sendable {
        package var layer: String
        package var filters: Int
    }

    /// Counted from 1; 0 is the start.
    package var iteration: Int
    package var learnables: Int
    package var totalParameters: Int
    /// The part of the learnables of the start that is gone.
    package var fractionRemoved: Double
    /// What is left in each layer that can lose filters, in the order of the network.
    package var filters: [LayerFilters]
    /// From the lowest score up.
    package var removed: [Removal]
    /// Of the last epoch of fine-tuning, on the training data.
    package var loss: Double?
    package var accuracy: Double?
    /// With a threshold, on the validation data.
    package var validationLoss: Double?
    package var validationAccuracy: Double?
    /// Whether the threshold held; an iteration that broke it is undone.
    package var isAccepted: Bool
}
