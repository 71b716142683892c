/// The principal components of a layer's input or output channels.
///
/// The variance of channel vectors around their mean, along orthonormal directions in the order of falling variance.
package struct PrincipalComponents: Hashable, Sendable {
    package let mean: [Double]
    /// The variance along each direction; variances that are rounding errors of zero are zero.
    package let variances: [Double]
    /// Orthonormal vectors in the space of channels.
    package let directions: [[Double]]

    /// - Precondition: the variances fall and there are as many directions and means.
    package init(mean: [Double], variances: [Double], directions: [[Double]]) {
        precondition(mean.count == variances.count && directions.count == variances.count, "one variance a direction")
        self.mean = mean
        self.directions = directions
        // Activations are float32: a variance this far below the largest is the rounding of one that is zero.
        let noise = 1e-12 * max(0, variances.first ?? 0)
        self.variances = variances.map { $0 > noise ? $0 : 0 }
    }

    package var dimension: Int { mean.count }

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
