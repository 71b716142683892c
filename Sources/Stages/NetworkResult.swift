internal import Documents
internal import Networks
internal import Tensors

/// The `network` member of an artifact's result: sizes of the whole and of each layer.
enum NetworkResult {
    /// Of a float32 network: four bytes for every learnable, state and constant of the input, and for every activation.
    static func json(of network: Network) -> JSONValue {
        json(of: network, bytesPerActivation: 4) { network.counts(of: $0).float32Bytes }
    }

    /// Of a network with its own count of bytes for each node.
    static func json(
        of network: Network, bytesPerActivation: Int, memoryBytes: (Network.Node) -> Int
    ) -> JSONValue {
        var total = 0
        let arena = ActivationArena(of: network, bytesPerElement: bytesPerActivation)
        let layers = network.nodes.enumerated().map { index, node -> JSONValue in
            let (counts, bytes) = (network.counts(of: node), memoryBytes(node))
            total += bytes
            var layer: JSONValue = [
                "name": .string(node.name), "kind": .string(node.layer.kind),
                "learnables": .integer(counts.learnables), "states": .integer(counts.states),
                "memoryBytes": .integer(bytes), "macs": .integer(counts.macs),
                "outputShape": .array(network.shapes[index].dimensions.map { .integer($0) }),
                "activationBytes": .integer(network.shapes[index].count * bytesPerActivation),
                "activationOffset": .integer(arena.buffer(of: index)?.offset ?? 0),
            ]
            if let origin = node.projectedFrom { layer["projectedFrom"] = .string(origin) }
            return layer
        }
        let counts = network.counts
        return [
            "learnables": .integer(counts.learnables), "states": .integer(counts.states),
            "totalParameters": .integer(counts.totalParameters), "memoryBytes": .integer(total),
            "macs": .integer(counts.macs), "activationMemoryBytes": .integer(arena.bytes), "layers": .array(layers),
        ]
    }
}
