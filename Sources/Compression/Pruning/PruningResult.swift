package import Networks
package import Training

/// A pruned network and how it came about.
package struct PruningResult: Sendable {
    package var network: Network
    /// The start, counted as iteration 0, and every iteration.
    package var history: [PruningIteration]
    /// Where the options validate: each network as an iteration's removal left it, and as its fine-tuning went on.
    package var validations: [PruningValidation]
    /// The layers whose parameters are smaller than before, in the order of the network.
    package var prunedLayers: [String]
    package var stopReason: PruningStopReason
    /// Whether goal and threshold hold; true if there was none.
    package var isMet: Bool
    /// What the threshold is of, for the network that is returned, before it is trained once more.
    package var objective: Double?
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
    /// With a threshold, on the validation data, of the network that the fine-tuning selected.
    package var validationLoss: Double?
    package var validationAccuracy: Double?
    /// What the threshold is of: the objective metric of the fine-tuning.
    package var objective: Double?
    /// Whether the threshold held; an iteration that broke it is undone.
    package var isAccepted: Bool
}

/// One validation while an iteration was fine-tuned.
package struct PruningValidation: Codable, Hashable, Sendable {
    package var iteration: Int
    /// Steps of the fine-tuning; 0 is the network after the removal.
    package var step: Int
    package var loss: Double
    package var accuracy: Double?
    package var rmse: Double?
    /// What else the fine-tuning measures, by name.
    package var metrics: [String: Double]
    /// Whether this is the network that the fine-tuning gave: the one whose metric the threshold is compared with.
    package var isSelected: Bool

    init(iteration: Int, _ record: ValidationRecord) {
        self.iteration = iteration
        step = record.step
        loss = record.loss
        accuracy = record.accuracy
        rmse = record.rmse
        metrics = record.metrics
        isSelected = false
    }
}
