internal import Networks
internal import Tensors

/// What int8 makes of one layer.
package struct IntegerReach: Hashable, Sendable, Encodable {
    /// Bytes as they are stored, with a scale for each filter; none of a layer that is folded into another one, and
    /// `nil` if the network as a whole has no integer form.
    package let memoryBytes: Int?
    /// Why it keeps float32, if it does.
    package let reason: String?

    package init(memoryBytes: Int?, reason: String? = nil) {
        (self.memoryBytes, self.reason) = (memoryBytes, reason)
    }
}

extension IntegerReach {
    /// What int8 makes of a network.
    struct Plan {
        /// The network as it is before it is rounded.
        private(set) var structure: Network?
        /// The bytes of the whole network under each scheme, by name.
        private(set) var bytes: [(String, Int)] = []
        private var layers: [String: Int] = [:]
        private var reasons: [String: String] = [:]

        init(of network: Network) {
            let trial = network.initialized(seed: 0, stream: "trial")
            let prepared = Quantizer.prepare(trial, steps: QuantizationOptions.Preparation.allCases)
            structure = prepared.architecture
            for node in prepared.nodes where !(node.layer is any IntegerLayer) {
                reasons[node.name] = "its kind has no integer form"
            }
            for (name, scheme) in [
                ("int8", QuantizationScheme()),
                ("int8, power-of-two a tensor", QuantizationScheme(scaling: .powerOfTwo, granularity: .tensor)),
            ] {
                guard let sharing = try? ScaleSharing(of: prepared, keepFloat: Set(reasons.keys)) else { return }
                let sizes = prepared.nodes.map { node in
                    QuantizedNetwork.storedTensors(structure: prepared, scheme: scheme, sharing: sharing)
                        .filter { $0.name.hasPrefix(node.name + ".") }
                        .reduce(0) { $0 + $1.shape.count * $1.elementType.byteCount }
                }
                if layers.isEmpty { layers = Dictionary(uniqueKeysWithValues: zip(prepared.nodes.map(\.name), sizes)) }
                bytes.append((name, sizes.reduce(0, +)))
            }
        }

        func reach(of node: Network.Node) -> IntegerReach {
            IntegerReach(memoryBytes: layers.isEmpty ? nil : layers[node.name] ?? 0, reason: reasons[node.name])
        }
    }
}
