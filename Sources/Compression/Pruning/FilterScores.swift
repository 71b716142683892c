internal import Networks

/// What the channels of a network are worth; groups of the lowest scores are removed first.
///
/// A channel has a score at each node where it is judged: at its sites, or at the layers that make it. The score of a group
/// is the sum over all its channels at all such nodes.
package struct FilterScores: Hashable, Sendable {
    /// By node name; one score a channel, in the order of the channels.
    package let values: [String: [Double]]
    private let totals: [ChannelFlow.Group: Double]

    /// - Parameters:
    ///   - values: By the names of nodes of the network; one score for each channel of the node's output.
    ///   - normalization: Of the scores of each node.
    /// - Throws: ``CompressionError`` with code `nonFiniteValue` if a score is infinite or not a number.
    package init(
        _ values: [String: [Double]], of prunable: PrunableNetwork, normalization: ScoreNormalization = .none
    ) throws(CompressionError) {
        for (layer, scores) in values.sorted(by: { $0.key < $1.key }) {
            if let channel = scores.firstIndex(where: { !$0.isFinite }) {
                throw CompressionError(
                    .nonFiniteValue, layer: layer,
                    "the score of channel \(channel) is \(scores[channel]); lower the learning rate of the fine-tuning")
            }
        }
        self.values = values.mapValues { normalization.applied(to: $0) }
        // In the order of the network, so that sums are always the same.
        var totals: [ChannelFlow.Group: Double] = [:]
        for node in prunable.network.nodes {
            guard let scores = self.values[node.name] else { continue }
            for (group, score) in zip(prunable.channels.groups(of: node.name), scores) {
                totals[group, default: 0] += score
            }
        }
        self.totals = totals
    }

    /// The sum over the channels of a group; zero for one that no layer reads.
    package func score(of group: PrunableNetwork.Group) -> Double { totals[group.id] ?? 0 }

    /// The groups from the lowest score up; of equal scores the first comes first.
    package func ascending(_ groups: [PrunableNetwork.Group]) -> [(group: PrunableNetwork.Group, score: Double)] {
        groups.map { (group: $0, score: score(of: $0)) }.enumerated().sorted {
            ($0.element.score, $0.offset) < ($1.element.score, $1.offset)
        }.map(\.element)
    }
}

extension ScoreNormalization {
    /// The scores divided by their norm or mean; zeros stay zeros.
    fileprivate func applied(to scores: [Double]) -> [Double] {
        let divisor: Double =
            switch self {
            case .none: 1
            case .l2: scores.reduce(0) { $0 + $1 * $1 }.squareRoot()
            case .mean: scores.reduce(0, +) / Double(max(1, scores.count))
            }
        return divisor > 0 ? scores.map { $0 / divisor } : scores
    }
}
