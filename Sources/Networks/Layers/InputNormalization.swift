/// What an input layer does to its data, channel by channel; a channel that never changes is only moved.
package enum InputNormalization: String, Hashable, Sendable, CaseIterable {
    case none
    /// `x - mean`.
    case zerocenter
    /// `(x - mean) / deviation`.
    case zscore
    /// From the smallest and the largest value to 0 and 1.
    case rescaleZeroOne = "rescale-zero-one"
    /// From the smallest and the largest value to -1 and 1.
    case rescaleSymmetric = "rescale-symmetric"

    /// What is taken from the training data, one number a channel.
    package enum Constant: String, Hashable, Sendable {
        case mean
        /// Of the population.
        case deviation
        case minimum
        case maximum

        var initializer: Initializer { self == .mean || self == .minimum ? .zeros : .ones }
    }

    /// The constants in the order of their rows.
    package var constants: [Constant] {
        switch self {
        case .none: []
        case .zerocenter: [.mean]
        case .zscore: [.mean, .deviation]
        case .rescaleZeroOne, .rescaleSymmetric: [.minimum, .maximum]
        }
    }
}
