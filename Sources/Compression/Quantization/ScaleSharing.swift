package import Networks

/// Which layers' outputs have a scale of their own, and which stand on that of another.
///
/// A ReLU that is the only reader of such a layer is done in that layer's clamp: the scale then covers what is left
/// after the ReLU.
package struct ScaleSharing: Hashable, Sendable {
    /// For every layer the one whose scale its output stands on; a softmax is its own.
    package let owners: [String: String]
    /// For every layer with a scale of its own the layer whose output decides it: itself, or the ReLU it clamps for.
    package let calibrated: [String: String]

    /// - Throws: ``CompressionError`` for a layer without an integer form, or a network without one input and output.
    package init(of network: Network) throws(CompressionError) {
        var owners: [String: String] = [:]
        var calibrated: [String: String] = [:]
        for node in network.nodes {
            switch try node.integerLayer().outputScale {
            case .ofInput: owners[node.name] = owners[node.inputs[0]]
            case .probabilities: owners[node.name] = node.name
            case .own:
                owners[node.name] = node.name
                let readers = network.consumers(of: node.name)
                let clamp = readers.count == 1 && readers[0].layer is ReLU ? readers[0].name : node.name
                calibrated[node.name] = clamp
            }
        }
        guard network.inputs.count == 1, network.outputs.count == 1 else {
            throw CompressionError(
                .unsupportedLayer,
                "the network has \(network.inputs.count) inputs and \(network.outputs.count) outputs; "
                    + "an integer network has one of each")
        }
        self.owners = owners
        self.calibrated = calibrated
    }

    /// Whether a layer clamps its output at zero for the ReLU after it.
    package func clampsAtZero(_ layer: String) -> Bool { calibrated[layer].map { $0 != layer } ?? false }
}

extension Network.Node {
    /// The layer in its integer form.
    func integerLayer() throws(CompressionError) -> any IntegerLayer {
        if let layer = layer as? any IntegerLayer { return layer }
        let reason = (layer as? any FloatOnlyLayer).map { type(of: $0).reasonForFloat } ?? "none was written"
        throw CompressionError(
            .unsupportedLayer, layer: name, "a layer of kind '\(layer.kind)' has no integer form: \(reason)")
    }
}
