package import Datasets
internal import Foundation

/// How a network is trained; the names in files are those of recipes.
package struct TrainingOptions: Codable, Hashable, Sendable {
    package enum Solver: String, Codable, Hashable, Sendable, CaseIterable {
        /// Adam (Kingma and Ba 2015) with decay rates 0.9 and 0.999 and epsilon 1e-8.
        case adam
        /// Stochastic gradient descent with momentum.
        case sgdm
    }

    package enum Schedule: String, Codable, Hashable, Sendable, CaseIterable {
        case none
        /// Multiplied by the drop factor every drop period, in epochs.
        case piecewise
        /// `InitialLearnRate * (1 + cos(pi * epoch / MaxEpochs)) / 2` (Loshchilov and Hutter 2017, without restarts).
        case cosine
    }

    package enum Metric: String, Codable, Hashable, Sendable, CaseIterable {
        case loss
        case accuracy
    }

    package enum OutputNetwork: String, Codable, Hashable, Sendable, CaseIterable {
        case lastIteration = "last-iteration"
        case bestValidation = "best-validation"
    }

    package var solver = Solver.adam
    package var initialLearnRate = 0.001
    package var maxEpochs = 30
    package var miniBatchSize = 128
    package var shuffle = Shuffle.everyEpoch
    package var schedule = Schedule.none
    package var dropFactor = 0.1
    package var dropPeriod = 10
    package var momentum = 0.9
    /// Added to the gradient times the learnable, of all learnables but biases.
    package var l2Regularization = 0.0001
    /// The largest Euclidean norm of the whole gradient; a longer one is scaled down to it.
    package var gradientThreshold: Double?
    package var classWeights: ClassWeights?
    /// Steps between two validations; `nil` for one at the end of each epoch.
    package var validationFrequency: Int?
    /// Validations without a better one after which training stops, at the end of the epoch.
    package var validationPatience: Int?
    package var objectiveMetric = Metric.loss
    package var outputNetwork = OutputNetwork.lastIteration

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case solver
        case initialLearnRate = "InitialLearnRate"
        case maxEpochs = "MaxEpochs"
        case miniBatchSize = "MiniBatchSize"
        case shuffle = "Shuffle"
        case schedule = "LearnRateSchedule"
        case dropFactor = "LearnRateDropFactor"
        case dropPeriod = "LearnRateDropPeriod"
        case momentum = "Momentum"
        case l2Regularization = "L2Regularization"
        case gradientThreshold = "GradientThreshold"
        case classWeights
        case validationFrequency = "ValidationFrequency"
        case validationPatience = "ValidationPatience"
        case objectiveMetric = "ObjectiveMetricName"
        case outputNetwork = "OutputNetwork"
    }
}

// MARK: - What follows from the options

extension TrainingOptions {
    /// Whether training looks at validation data.
    package var validates: Bool {
        outputNetwork == .bestValidation || validationFrequency != nil || validationPatience != nil
    }

    /// The learn rate of an epoch, counted from 0.
    package func learnRate(epoch: Int) -> Double {
        switch schedule {
        case .none: initialLearnRate
        case .piecewise: initialLearnRate * pow(dropFactor, Double(epoch / dropPeriod))
        case .cosine: initialLearnRate * (1 + cos(Double.pi * Double(epoch) / Double(maxEpochs))) / 2
        }
    }
}

/// What each class counts in the loss.
package enum ClassWeights: Hashable, Sendable {
    /// `n / (classes * n of the class)`: every class counts the same in all.
    case balanced
    case given([Double])

    /// One weight a class.
    ///
    /// - Throws: ``TrainingError`` with code `invalidOption` if there is not one weight for each class, or with
    ///   `invalidData` if a class to balance has no example.
    package func weights(labels: [Int], classes: [String]) throws(TrainingError) -> [Float] {
        switch self {
        case .given(let weights):
            guard weights.count == classes.count else {
                throw TrainingError(
                    .invalidOption, "'classWeights' has \(weights.count) weights for \(classes.count) classes")
            }
            guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), weights.contains(where: { $0 > 0 }) else {
                throw TrainingError(
                    .invalidOption, "'classWeights' is \(weights); expected weights of zero or more, not all zero")
            }
            return weights.map { Float($0) }
        case .balanced:
            var counts = Array(repeating: 0, count: classes.count)
            for label in labels { counts[label] += 1 }
            if let empty = counts.firstIndex(of: 0) {
                throw TrainingError(.invalidData, "class '\(classes[empty])' has no example to balance")
            }
            return counts.map { Float(Double(labels.count) / (Double(classes.count) * Double($0))) }
        }
    }
}

extension ClassWeights: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let weights = try? container.decode([Double].self) {
            self = .given(weights)
        } else if try container.decode(String.self) == "balanced" {
            self = .balanced
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "neither a list nor 'balanced'")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .balanced: try container.encode("balanced")
        case .given(let weights): try container.encode(weights)
        }
    }
}
