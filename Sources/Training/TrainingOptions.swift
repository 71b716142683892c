package import Datasets
internal import Foundation

/// How a network is trained; the names in files are those of recipes.
package struct TrainingOptions: Codable, Hashable, Sendable {
    package enum Solver: String, Codable, Hashable, Sendable, CaseIterable {
        /// Adam (Kingma and Ba 2015).
        case adam
        /// Adam with decoupled weight decay (Loshchilov and Hutter 2019): `L2Regularization` is not added to the
        /// gradient but times learn rate and learnable taken from the learnable.
        case adamw
        /// Stochastic gradient descent with momentum.
        case sgdm
        /// RMSProp (Tieleman and Hinton 2012).
        case rmsprop
    }

    package enum Schedule: String, Codable, Hashable, Sendable, CaseIterable {
        case none
        /// Multiplied by the drop factor every drop period, in epochs.
        case piecewise
        /// `InitialLearnRate * (1 + cos(pi * epoch / MaxEpochs)) / 2` (Loshchilov and Hutter 2017, without restarts).
        case cosine
    }

    package enum ThresholdMethod: String, Codable, Hashable, Sendable, CaseIterable {
        /// A gradient of all learnables that is longer is scaled down to the threshold (Pascanu et al. 2013).
        case globalNorm = "global-l2norm"
        /// The same for the gradient of each learnable alone.
        case norm = "l2norm"
        /// Each element is cut off.
        case absoluteValue = "absolute-value"
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
    /// Whether batches hold sequences of similar length, where they differ.
    package var groupByLength = true
    /// How training examples are changed at random; not those of validations.
    package var augmentation: Augmentation?
    package var schedule = Schedule.none
    package var dropFactor = 0.1
    package var dropPeriod = 10
    /// Epochs, or a part of one, in which the learn rate grows to that of the schedule, step by step.
    package var warmupEpochs = 0.0
    /// Of `sgdm`.
    package var momentum = 0.9
    /// How much of the mean of the gradients stays; of `adam` and `adamw`.
    package var gradientDecay = 0.9
    /// How much of the mean of their squares stays; of all but `sgdm`.
    package var squaredGradientDecay = 0.999
    /// Added to the root of that mean.
    package var epsilon = 1e-8
    /// Of all learnables but biases: added to the gradient times the learnable, before the threshold; see `adamw`.
    package var l2Regularization = 0.0001
    /// What gradients may reach, by the method.
    package var gradientThreshold: Double?
    package var thresholdMethod = ThresholdMethod.globalNorm
    /// `nil` for that of the task.
    package var loss: LossFunction.Kind?
    package var classWeights: ClassWeights?
    /// The share of a target that is spread evenly over the classes.
    package var labelSmoothing = 0.0
    /// The error from which on Huber's loss is linear.
    package var huberDelta = 1.0
    /// By what the logits of teacher and student are divided, with a teacher; 4 if `nil`.
    package var temperature: Double?
    /// The share of the teacher's loss, with a teacher; 0.5 if `nil`.
    package var alpha: Double?
    /// Steps between two validations; `nil` for one at the end of each epoch.
    package var validationFrequency: Int?
    /// Validations without a better one after which training stops, at the end of the epoch.
    package var validationPatience: Int?
    /// What is measured at each validation beside the loss.
    package var metrics: [Metric] = []
    /// Of the metric `topK`.
    package var topK = 5
    package var objectiveMetric = Metric.loss
    package var outputNetwork = OutputNetwork.lastIteration

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case solver
        case initialLearnRate = "InitialLearnRate"
        case maxEpochs = "MaxEpochs"
        case miniBatchSize = "MiniBatchSize"
        case shuffle = "Shuffle"
        case groupByLength
        case augmentation
        case schedule = "LearnRateSchedule"
        case dropFactor = "LearnRateDropFactor"
        case dropPeriod = "LearnRateDropPeriod"
        case warmupEpochs
        case momentum = "Momentum"
        case gradientDecay = "GradientDecayFactor"
        case squaredGradientDecay = "SquaredGradientDecayFactor"
        case epsilon = "Epsilon"
        case l2Regularization = "L2Regularization"
        case gradientThreshold = "GradientThreshold"
        case thresholdMethod = "GradientThresholdMethod"
        case loss
        case classWeights
        case labelSmoothing
        case huberDelta
        case temperature
        case alpha
        case validationFrequency = "ValidationFrequency"
        case validationPatience = "ValidationPatience"
        case metrics = "Metrics"
        case topK
        case objectiveMetric = "ObjectiveMetricName"
        case outputNetwork = "OutputNetwork"
    }
}

// MARK: - What follows from the options

extension TrainingOptions {
    /// Whether training looks at validation data.
    package var validates: Bool {
        outputNetwork == .bestValidation || validationFrequency != nil || validationPatience != nil || !metrics.isEmpty
    }

    /// The learn rate of a step.
    ///
    /// While it warms up, step `s` of `n`, counted from 1, has `s / n` of what the schedule gives.
    ///
    /// - Parameters:
    ///   - epoch: Counted from 0.
    ///   - step: Of all steps, counted from 0.
    package func learnRate(epoch: Int, step: Int, stepsPerEpoch: Int) -> Double {
        let rate =
            switch schedule {
            case .none: initialLearnRate
            case .piecewise: initialLearnRate * pow(dropFactor, Double(epoch / dropPeriod))
            case .cosine: initialLearnRate * (1 + cos(Double.pi * Double(epoch) / Double(maxEpochs))) / 2
            }
        let warmupSteps = (warmupEpochs * Double(stepsPerEpoch)).rounded()
        return Double(step) < warmupSteps ? rate * Double(step + 1) / warmupSteps : rate
    }
}
