package import Networks
internal import Tensors

/// The principal components around the layers of a network: found once, good for any goal.
package struct ProjectionAnalysis: Hashable, Sendable {
    /// Components of a layer's input and output channels, of a recurrent layer's hidden states; `nil` for a side too wide
    /// to analyze.
    package struct Layer: Hashable, Sendable {
        package let name: String
        package let input: ProjectionSide?
        package let output: ProjectionSide?

        package init(name: String, input: ProjectionSide?, output: ProjectionSide?) {
            self.name = name
            self.input = input
            self.output = output
        }
    }

    /// In the order of the network.
    package let layers: [Layer]

    package init(layers: [Layer]) { self.layers = layers }

    /// Sides of more channels than this are not projected: their covariance matrix would not fit a small machine.
    package static let widestSide = 2_048
}

extension Network {
    /// The fewest learnables and states that any projection of the given layers can leave.
    ///
    /// - Parameter layers: Names out of ``projectableLayers``.
    package func minimumTotalParameters(projecting layers: [String]) -> Int {
        let widest = ProjectionAnalysis.widestSide
        var total = counts.totalParameters
        for node in nodes where layers.contains(node.name) {
            guard let layer = node.layer as? any Projectable, let input = inputShapes(of: node).first else { continue }
            let output = (shape(of: node.name)?[0] ?? 0) / type(of: layer).outputBlocks
            let smallest = ProjectionRanks.candidates(
                input: input[0] <= widest ? 1 : nil, output: output <= widest ? 1 : nil
            ).compactMap { layer.learnables(projectedTo: $0, input: input) }.min()
            let own = counts(of: node).learnables
            total -= max(0, own - (smallest ?? own))
        }
        return total
    }
}

extension ProjectionRanks {
    /// The sides that a layer can be projected on, the better one of equal size first.
    ///
    /// The output's directions are those that lose the least of what the layer gives; the input's know nothing of its
    /// weights.
    static func candidates(input: Int?, output: Int?) -> [ProjectionRanks] {
        var candidates: [ProjectionRanks] = []
        if let output { candidates.append(ProjectionRanks(output: output)) }
        if let input { candidates.append(ProjectionRanks(input: input)) }
        if let input, let output { candidates.append(ProjectionRanks(input: input, output: output)) }
        return candidates
    }
}
