/// The principal components on one side of a layer, block by block where a layer's channels are cut into blocks.
///
/// All blocks are projected onto as many directions; what a rank explains is the variance of all of them together.
package struct ProjectionSide: Hashable, Sendable {
    package let blocks: [PrincipalComponents]
    /// The part of the variance that the first `r` directions of every block explain stands at index `r - 1`.
    package let explained: [Double]

    /// - Precondition: There is a block, and all are of one dimension.
    package init(_ blocks: [PrincipalComponents]) {
        precondition(!blocks.isEmpty && blocks.allSatisfy { $0.dimension == blocks[0].dimension }, "equal blocks")
        self.blocks = blocks
        var sum = 0.0
        let sums = (0..<blocks[0].dimension).map { index in
            sum += blocks.reduce(0) { $0 + $1.variances[index] }
            return sum
        }
        explained = sums.map { sum > 0 ? $0 / sum : 1 }
    }

    /// The channels of a block.
    package var dimension: Int { blocks[0].dimension }

    /// The part of all variance that the first `rank` directions hold, from 0 to 1; of channels that never change, 1.
    package func explainedVariance(rank: Int) -> Double { rank == 0 ? 0 : explained[rank - 1] }

    /// The smallest rank, one or more, that explains at least this part of the variance.
    package func rank(reaching level: Double) -> Int {
        (explained.firstIndex { $0 >= level } ?? dimension - 1) + 1
    }

    func subspaces(rank: Int) -> [Subspace] { blocks.map { Subspace(components: $0, rank: rank) } }
}
