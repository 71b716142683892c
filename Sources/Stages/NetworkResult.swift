internal import Documents
internal import Networks
internal import Tensors

/// The `network` member of an artifact's result: sizes of the whole and of each layer.
enum NetworkResult {
    /// Of a float32 network: four bytes for every learnable, state and constant of the input.
    static func json(of network: Network) -> JSONValue {
        json(of: network) { network.counts(of: $0).float32Bytes }
    }

    /// Of a network with its own count of bytes for each node.
    static func json(of network: Network, memoryBytes: (Network.Node) -> Int) -> JSONValue {
        var total = 0
        let layers = zip(network.nodes, network.shapes).map { node, shape -> JSONValue in
            let (counts, bytes) = (network.counts(of: node), memoryBytes(node))
            total += bytes
            return [
                "name": .string(node.name), "kind": .string(node.layer.kind),
                "learnables": .integer(counts.learnables), "states": .integer(counts.states),
                "memoryBytes": .integer(bytes), "macs": .integer(counts.macs),
                "outputShape": .array(shape.dimensions.map { .integer($0) }),
            ]
        }
        let counts = network.counts
        return [
            "learnables": .integer(counts.learnables), "states": .integer(counts.states),
            "totalParameters": .integer(counts.totalParameters), "memoryBytes": .integer(total),
            "macs": .integer(counts.macs), "layers": .array(layers),
        ]
    }
}
