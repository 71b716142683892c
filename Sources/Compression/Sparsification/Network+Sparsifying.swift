package import Networks
internal import Tensors

extension Network {
    /// The weights that can be set to zero: the learnables of two and more axes, by node in the order of the network.
    ///
    /// Those are the weights of convolutions, dense and recurrent layers; biases, normalizations and slopes have one axis.
    package var sparsifiableWeights: [(layer: String, parameters: [String])] {
        nodes.compactMap { node in
            let names = specifications(of: node).filter {
                $0.specification.role == .learnable && $0.specification.shape.rank > 1
            }.map(\.name)
            return names.isEmpty ? nil : (node.name, names)
        }
    }

    /// The full names of the weights of the layers that `LayerNames` selects.
    ///
    /// - Throws: ``CompressionError`` with code `unmatchedPattern` if a pattern matches no layer with weights, or
    ///   `notApplicable` if there is none.
    package func sparsifiableWeights(matching patterns: [String]?) throws(CompressionError) -> [String] {
        let layers = sparsifiableWeights
        guard !layers.isEmpty else {
            throw CompressionError(.notApplicable, "the network has no layer with weights")
        }
        let selected = Set(try LayerPattern.select(patterns, from: layers.map(\.layer), that: "has weights"))
        return layers.filter { selected.contains($0.layer) }.flatMap(\.parameters)
    }
}
