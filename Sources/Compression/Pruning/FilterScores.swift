/// One score for each filter of each layer; the lowest are removed first.
package struct FilterScores: Hashable, Sendable {
    /// By layer name; one score a filter, in the order of the filters.
    package let values: [String: [Double]]

    /// - Throws: ``CompressionError`` with code `nonFiniteValue` if a score is infinite or not a number.
    package init(_ values: [String: [Double]], normalization: ScoreNormalization = .none) throws(CompressionError) {
        for (layer, scores) in values.sorted(by: { $0.key < $1.key }) {
            if let filter = scores.firstIndex(where: { !$0.isFinite }) {
                throw CompressionError(
                    .nonFiniteValue, layer: layer,
                    "the score of filter \(filter) is \(scores[filter]); lower the learning rate of the fine-tuning")
            }
        }
        self.values = values.mapValues { normalization.applied(to: $0) }
    }

    /// The sum over the filters of a group.
    package func score(of group: PrunableNetwork.Group) -> Double {
        group.filters.reduce(0) { $0 + (values[$1.layer]?[$1.index] ?? 0) }
    }

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
