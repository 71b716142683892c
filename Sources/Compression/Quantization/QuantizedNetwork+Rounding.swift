package import Networks
internal import Tensors

extension QuantizedNetwork {
    /// Rounds the parameters of a prepared network.
    ///
    /// - Parameters:
    ///   - activations: The quantization of each layer whose output decides a scale (the values of
    ///     ``ScaleSharing/calibrated``), of the scheme's scaling, and of each carried state, `<layer>.<state>`.
    ///   - keepFloat: The names of layers that compute in float32.
    ///   - scales: Those of weights that are not to be found, by the parameter's full name.
    /// - Throws: ``CompressionError`` as ``init(structure:scheme:tensors:keepFloat:)`` does.
    package init(
        rounding network: Network, activations: [String: ActivationQuantization], scheme: QuantizationScheme,
        keepFloat: Set<String> = [], scales: [String: [QuantizationScale]] = [:]
    ) throws(CompressionError) {
        let sharing = try ScaleSharing(of: network, keepFloat: keepFloat)
        var tensors: [String: Tensor] = [:]
        for node in network.nodes {
            for (name, specification) in network.specifications(of: node)
            where specification.role == .constant || keepFloat.contains(node.name) {
                tensors[name] = network.parameters[name]
            }
            if let own = sharing.calibrated[node.name].flatMap({ activations[$0] }) {
                tensors.merge(QuantizationScale.tensor([own.scale], of: "\(node.name).activation")) { $1 }
                if own.scale.exponent == nil {
                    tensors["\(node.name).activation.zeroPoint"] = Tensor(shape: [1], storage: .int8([own.zeroPoint]))
                }
            }
            guard let layer = sharing.integerLayer(of: node) else { continue }
            for state in layer.carriedStates {
                guard let scale = activations["\(node.name).\(state)"]?.scale else { continue }
                tensors.merge(QuantizationScale.tensor([scale], of: "\(node.name).\(state)")) { $1 }
            }
            let input = node.inputs.first.flatMap { sharing.activation(of: $0, calibrated: activations) }
            let parameters = network.parameters(of: node)
            let integers = WeightQuantization.tensors(
                of: layer, inputs: network.inputShapes(of: node), parameters: parameters,
                inputStep: input?.step ?? 1, scheme: scheme,
                scales: parameters.keys.reduce(into: [:]) { $0[$1] = scales["\(node.name).\($1)"] })
            for (name, tensor) in integers { tensors["\(node.name).\(name)"] = tensor }
        }
        try self.init(structure: network, scheme: scheme, tensors: tensors, keepFloat: keepFloat)
    }
}

extension Network {
    /// The parameters of a node under their names in the layer.
    func parameters(of node: Node) -> [String: Tensor] {
        node.layer.parameters(inputs: inputShapes(of: node)).reduce(into: [:]) { result, specification in
            result[specification.name] = parameters["\(node.name).\(specification.name)"]
        }
    }
}
