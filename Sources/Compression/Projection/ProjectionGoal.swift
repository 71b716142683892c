package import Networks

/// What a projection is asked for.
package enum ProjectionGoal: Hashable, Sendable {
    /// A size at the most; that of the multiply-accumulates is none of projection's.
    case size(SizeGoal)
    /// At least this fraction of the network's learnables removed, from 0 to 1.
    case learnablesReduction(Double)
    /// Each layer explains at least this part of the variance of its activations, from 0 to 1.
    case explainedVariance(Double)
    /// These layers onto these ranks, and no others.
    case ranks([String: ProjectionRanks])

    /// At most this many learnables and states.
    package static func totalParameters(_ limit: Int) -> ProjectionGoal {
        .size(SizeGoal(.totalParameters, atMost: limit))
    }

    /// Whether it is one on size.
    package var isOnSize: Bool {
        switch self {
        case .size, .learnablesReduction: true
        case .explainedVariance, .ranks: false
        }
    }

    /// Whether a network of the given counts meets a goal on size; any other goal has no say in it.
    ///
    /// - Parameters:
    ///   - counts: Of the network that is judged.
    ///   - original: Of the network before projection.
    package func isMet(by counts: Counts, of original: Counts) -> Bool {
        switch self {
        case .size(let goal): goal.isMet(by: counts)
        case .learnablesReduction(let fraction):
            // A product such as 0.29 * 100 is not exact in binary.
            Double(original.learnables - counts.learnables) >= fraction * Double(original.learnables) - 1e-9
        case .explainedVariance, .ranks: true
        }
    }
}
