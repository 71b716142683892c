internal import Foundation
internal import Kernels
internal import Networks
internal import Tensors

/// A layer that is kept in float32: its inputs become real numbers, the one layer runs on them, and its output is
/// rounded at its calibrated scale.
///
/// The layer runs as a compiled network of its own on one thread, so that the result is the same on any of them.
struct FloatLayerOperation: IntegerOperation {
    private let place: IntegerPlace
    private let networks: Networks

    /// - Parameter place: Whose tensors are the layer's float32 parameters.
    /// - Throws: ``CompressionError`` if the layer cannot run.
    init(in place: IntegerPlace) throws(CompressionError) {
        self.place = place
        do {
            networks = try Networks(try Self.network(in: place))
        } catch {
            throw CompressionError(.unsupportedLayer, layer: place.node.name, "cannot run in float32: \(error)")
        }
    }

    func run(_ inputs: [[Int8]]) -> [Int8] {
        let values = zip(inputs, place.inputs).flatMap { integers, quantization in
            integers.map(quantization.dequantize)
        }
        let lowest = place.clampsAtZero ? place.output.zeroPoint : -128
        return networks.run(values).map { max(lowest, place.output.quantize($0)) }
    }

    /// A network that cuts one input of all elements into the layer's inputs.
    private static func network(in place: IntegerPlace) throws(NetworkError) -> Network {
        let count = place.inputShapes.reduce(0) { $0 + $1.count }
        var nodes = [Network.Node("elements", SequenceInput(channels: count, steps: 1), inputs: [])]
        var (sources, start): ([String], Int) = ([], 0)
        for (index, shape) in place.inputShapes.enumerated() {
            nodes.append(
                Network.Node("slice\(index)", Slice(start: start, length: shape.count), inputs: ["elements"]))
            nodes.append(Network.Node("flat\(index)", Flatten(), inputs: ["slice\(index)"]))
            if shape.rank > 1 {
                nodes.append(
                    Network.Node(
                        "shape\(index)", Reshape(positions: Array(shape.dimensions.dropFirst())),
                        inputs: ["flat\(index)"]))
            }
            sources.append(nodes[nodes.count - 1].name)
            start += shape.count
        }
        nodes.append(Network.Node("layer", place.node.layer, inputs: sources))
        let parameters = Dictionary(
            uniqueKeysWithValues: place.node.layer.parameters(inputs: place.inputShapes).compactMap { specification in
                place.tensors[specification.name].map { ("layer.\(specification.name)", $0) }
            })
        return try Network(nodes: nodes, parameters: parameters)
    }
}

/// Compiled copies of one network, as many as threads have asked for at once.
private final class Networks: @unchecked Sendable {
    private let network: Network
    private let lock = NSLock()
    private var idle: [CompiledNetwork]

    init(_ network: Network) throws(NetworkError) {
        self.network = network
        idle = [try Self.compiled(network)]
    }

    func run(_ input: [Float]) -> [Float] {
        let compiled = lock.withLock { idle.popLast() } ?? another()
        defer { lock.withLock { idle.append(compiled) } }
        compiled.setInput(input, count: 1)
        compiled.forward(count: 1, mode: .inference)
        return compiled.values(of: "layer").array(in: 0..<(network.shape(of: "layer")?.count ?? 0))
    }

    private func another() -> CompiledNetwork {
        do {
            return try Self.compiled(network)
        } catch {
            preconditionFailure("a network that ran before does not: \(error)")
        }
    }

    private static func compiled(_ network: Network) throws(NetworkError) -> CompiledNetwork {
        try CompiledNetwork(network, batchCapacity: 1, purpose: .inference, pool: WorkerPool(threads: 1))
    }
}
