package import Networks

/// Which layers' outputs have a scale of their own, and which stand on that of another.
///
/// A ReLU that is the only reader of such a layer is done in that layer's clamp: the scale then covers what is left
/// after the ReLU.
package struct ScaleSharing: Hashable, Sendable {
    /// For every layer the one whose scale its output stands on.
    package let owners: [String: String]
    /// For every layer with a scale of its own the layer whose output decides it: itself, or the ReLU it clamps for.
    package let calibrated: [String: String]
    /// The scales that are always the same, by the layers that own them.
    package let fixed: [String: ActivationQuantization]
    /// The layers that compute in float32; their outputs have scales of their own.
    package let keepFloat: Set<String>

    /// - Parameter keepFloat: The names of layers that compute in float32.
    /// - Throws: ``CompressionError`` for a layer without an integer form, a name that no layer has, or a network without
    ///   one input.
    package init(of network: Network, keepFloat: Set<String> = []) throws(CompressionError) {
        if let unknown = keepFloat.sorted().first(where: { network.node($0) == nil }) {
            throw CompressionError(.unmatchedPattern, "no layer has the name '\(unknown)' to keep it in float32")
        }
        try network.requireIntegerLayers(but: keepFloat)
        var owners: [String: String] = [:]
        var calibrated: [String: String] = [:]
        var fixed: [String: ActivationQuantization] = [:]
        for node in network.nodes {
            let isFloat = keepFloat.contains(node.name)
            switch isFloat ? .own : try node.integerLayer().outputScale {
            case .ofInput: owners[node.name] = owners[node.inputs[0]]
            case .fixed(let quantization):
                owners[node.name] = node.name
                fixed[node.name] = quantization
            case .own:
                owners[node.name] = node.name
                let readers = network.consumers(of: node.name)
                let isClamp =
                    readers.count == 1 && readers[0].layer is ReLU && !keepFloat.contains(readers[0].name)
                calibrated[node.name] = isClamp ? readers[0].name : node.name
            }
        }
        guard network.inputs.count == 1 else {
            throw CompressionError(
                .unsupportedLayer,
                "the network has \(network.inputs.count) inputs; an integer network has one")
        }
        guard !keepFloat.contains(network.inputs[0].name) else {
            throw CompressionError(
                .unsupportedLayer, layer: network.inputs[0].name,
                "an input computes nothing that could be kept in float32; keep another layer")
        }
        self.owners = owners
        self.calibrated = calibrated
        self.fixed = fixed
        self.keepFloat = keepFloat
    }

    /// Whether a layer clamps its output at zero for the ReLU after it.
    package func clampsAtZero(_ layer: String) -> Bool { calibrated[layer].map { $0 != layer } ?? false }

    /// How the output of a layer stands, by what calibration found for the layers that decide scales.
    package func activation(
        of layer: String, calibrated activations: [String: ActivationQuantization]
    ) -> ActivationQuantization? {
        guard let owner = owners[layer] else { return nil }
        return fixed[owner] ?? calibrated[owner].flatMap { activations[$0] }
    }

    /// The layer of a node, if it computes in integers.
    package func integerLayer(of node: Network.Node) -> (any IntegerLayer)? {
        keepFloat.contains(node.name) ? nil : node.layer as? any IntegerLayer
    }
}

extension Network.Node {
    /// The layer in its integer form.
    func integerLayer() throws(CompressionError) -> any IntegerLayer {
        if let layer = layer as? any IntegerLayer { return layer }
        throw CompressionError(
            .unsupportedLayer, layer: name, "a layer of kind '\(layer.kind)' has no integer form; keep it in float32")
    }
}

extension Network {
    /// - Throws: ``CompressionError`` that names every layer without an integer form, if there are several.
    fileprivate func requireIntegerLayers(but keepFloat: Set<String>) throws(CompressionError) {
        let faults = nodes.filter { !keepFloat.contains($0.name) && !($0.layer is any IntegerLayer) }
        guard faults.count > 1 else { return }
        let list = faults.map { "'\($0.name)' of kind '\($0.layer.kind)'" }.joined(separator: ", ")
        throw CompressionError(
            .unsupportedLayer, "\(faults.count) layers have no integer form: \(list); keep them in float32")
    }
}
