package import Networks
internal import Tensors

/// What of a network was quantized, what not and why.
package struct QuantizationDetails: Codable, Hashable, Sendable {
    package let isQuantized: Bool
    /// What computes the network.
    package let targetLibrary: String
    package let quantizedLayerNames: [String]
    package let quantizedLearnables: [QuantizedLearnable]
    /// Layers of the network that was given which are not quantized, in its order.
    package let notQuantized: [LayerReason]
    package let notRepaired: [RepairOmission]
}

/// A learnable or state as it is stored.
package struct QuantizedLearnable: Codable, Hashable, Sendable {
    package let layer: String
    package let parameter: String
    package let type: String
    package let bytes: Int
}

/// Why something does not hold for a layer.
package struct LayerReason: Codable, Hashable, Sendable {
    package let layer: String
    package let reason: String
}

/// A repair that a layer did not have, and why.
package struct RepairOmission: Codable, Hashable, Sendable {
    package let layer: String
    package let repair: QuantizationOptions.Repair
    package let reason: String
}

// MARK: - Of a network

extension QuantizationDetails {
    /// - Parameter original: The network before its preparation.
    init(of network: QuantizedNetwork, from original: Network, omissions: [RepairOmission]) {
        isQuantized = true
        targetLibrary = "integer reference"
        let structure = network.structure
        quantizedLayerNames = structure.nodes.map(\.name).filter { !network.isFloat($0) }
        quantizedLearnables = structure.nodes.flatMap { node -> [QuantizedLearnable] in
            let layer = network.sharing.integerLayer(of: node)
            return (layer?.integerParameters(inputs: structure.inputShapes(of: node)) ?? []).map { parameter in
                QuantizedLearnable(
                    layer: node.name, parameter: parameter.name, type: parameter.elementType.name,
                    bytes: parameter.shape.count * parameter.elementType.byteCount)
            }
        }
        notQuantized =
            Self.removed(from: original, in: structure)
            + structure.nodes.filter { network.isFloat($0.name) }.map {
                LayerReason(layer: $0.name, reason: "kept in float32 by keepFloat")
            }
        notRepaired = omissions
    }

    /// - Parameters:
    ///   - network: With parameters that are stored in bfloat16.
    ///   - original: The network before its preparation.
    package init(bfloat16 network: Network, from original: Network) {
        isQuantized = true
        targetLibrary = "float32 reference"
        quantizedLayerNames = network.nodes.filter { network.counts(of: $0).float32Bytes > 0 }.map(\.name)
        quantizedLearnables = network.nodes.flatMap { node in
            node.layer.parameters(inputs: network.inputShapes(of: node)).map { parameter in
                QuantizedLearnable(
                    layer: node.name, parameter: parameter.name, type: ElementType.bfloat16.name,
                    bytes: parameter.shape.count * ElementType.bfloat16.byteCount)
            }
        }
        notQuantized =
            Self.removed(from: original, in: network)
            + network.nodes.filter { network.counts(of: $0).float32Bytes == 0 }.map {
                LayerReason(layer: $0.name, reason: "has no parameters")
            }
        notRepaired = []
    }

    private static func removed(from original: Network, in prepared: Network) -> [LayerReason] {
        original.nodes.filter { prepared.node($0.name) == nil }.map { node in
            LayerReason(
                layer: node.name,
                reason: node.layer is Dropout
                    ? "removed: it does nothing in inference" : "folded into the layers around it")
        }
    }
}

extension ElementType {
    /// The name that the element type has in artifacts.
    fileprivate var name: String {
        switch self {
        case .float32: "float32"
        case .float64: "float64"
        case .int8: "int8"
        case .int32: "int32"
        case .bfloat16: "bfloat16"
        }
    }
}
