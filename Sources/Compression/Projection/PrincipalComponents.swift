/// The principal components of a layer's input or output channels.
///
/// The variance of channel vectors around their mean, along orthonormal directions in the order of falling variance.
package struct PrincipalComponents: Hashable, Sendable {
    package let mean: [Double]
    /// The variance along each direction; variances that are rounding errors of zero are zero.
    package let variances: [Double]
    /// Orthonormal vectors in the space of channels.
    package let directions: [[Double]]
    /// The explained variance of the first `r` directions stands at index `r - 1`.
    private let explained: [Double]

    /// - Precondition: the variances fall and there are as many directions and means.
    package init(mean: [Double], variances: [Double], directions: [[Double]]) {
        precondition(mean.count == variances.count && directions.count == variances.count, "one variance a direction")
        self.mean = mean
        self.directions = directions
        // Activations are float32: a variance this far below the largest is the rounding of one that is zero.
        let noise = 1e-12 * max(0, variances.first ?? 0)
        self.variances = variances.map { $0 > noise ? $0 : 0 }
        var sum = 0.0
        let sums = self.variances.map { variance in
            sum += variance
            return sum
        }
        explained = sums.map { sum > 0 ? $0 / sum : 1 }
    }

    package var dimension: Int { mean.count }

    /// The part of all variance that the first `rank` directions hold, from 0 to 1; of channels that never change, 1.
    package func explainedVariance(rank: Int) -> Double { rank == 0 ? 0 : explained[rank - 1] }

    /// The smallest rank, one or more, that explains at least this part of the variance.
    package func rank(reaching level: Double) -> Int {
        (explained.firstIndex { $0 >= level } ?? dimension - 1) + 1
    }

    /// Every level at which a rank changes, rising.
    package var levels: [Double] { explained }

    /// What the first `rank` directions lose of the mean: `(I - Q Q') mean`.
    package func lostMean(rank: Int) -> [Double] {
        var rest = mean
        for direction in directions.prefix(rank) {
            let part = zip(direction, mean).reduce(0) { $0 + $1.0 * $1.1 }
            for index in rest.indices { rest[index] -= part * direction[index] }
        }
        return rest
    }
}
