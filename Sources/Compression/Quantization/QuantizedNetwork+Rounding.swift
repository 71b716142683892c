package import Networks
internal import Tensors

extension QuantizedNetwork {
    /// Rounds the parameters of a prepared network.
    ///
    /// - Parameter activations: The quantization of each layer whose output decides a scale
    ///   (the values of ``ScaleSharing/calibrated``), of the scheme's scaling.
    /// - Throws: ``CompressionError`` as ``init(structure:scheme:tensors:)`` does.
    package init(
        rounding network: Network, activations: [String: ActivationQuantization], scheme: QuantizationScheme
    ) throws(CompressionError) {
        let sharing = try ScaleSharing(of: network)
        func activation(ofOwner layer: String?) -> ActivationQuantization? {
            layer.flatMap { sharing.calibrated[$0] }.flatMap { activations[$0] }
        }
        var tensors: [String: Tensor] = [:]
        for node in network.nodes {
            for (name, specification) in network.specifications(of: node) where specification.role == .constant {
                tensors[name] = network.parameters[name]
            }
            if let own = activation(ofOwner: node.name) {
                tensors.merge(Self.stored(own, of: node.name)) { $1 }
            }
            guard let weights = network.parameters["\(node.name).weights"] else { continue }
            let input = activation(ofOwner: sharing.owners[node.inputs[0]]) ?? .probabilities
            let rounded = WeightQuantization(
                weights: weights, bias: network.parameters["\(node.name).bias"], inputStep: input.step, scheme: scheme)
            tensors["\(node.name).weights"] = rounded.weights
            tensors["\(node.name).bias"] = rounded.bias
            switch scheme.scaling {
            case .affine:
                tensors["\(node.name).weights.scale"] = Tensor(rounded.scales.map { Float($0.step) })
            case .powerOfTwo:
                let exponents = rounded.scales.map { Int8($0.exponent ?? 0) }
                tensors["\(node.name).weights.exponent"] = Tensor(
                    shape: [exponents.count], storage: .int8(exponents))
            }
        }
        try self.init(structure: network, scheme: scheme, tensors: tensors)
    }

    private static func stored(_ activation: ActivationQuantization, of layer: String) -> [String: Tensor] {
        switch activation.scale {
        case .real(let scale):
            [
                "\(layer).activation.scale": Tensor([scale]),
                "\(layer).activation.zeroPoint": Tensor(shape: [1], storage: .int8([activation.zeroPoint])),
            ]
        case .exponent(let exponent):
            ["\(layer).activation.exponent": Tensor(shape: [1], storage: .int8([exponent]))]
        }
    }
}
