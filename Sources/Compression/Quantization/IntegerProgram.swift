package import Networks
internal import Tensors

/// The operations of a quantized network, for examples of one shape.
struct IntegerProgram: Sendable {
    private let operations: [any IntegerOperation]
    /// Where the inputs of each operation come from; none for the input layer.
    private let inputs: [[Int]]
    /// The last operation that reads the output of each, itself if none does.
    private let lastReaders: [Int]
    private let output: Int

    /// - Parameter structure: The network's own, or the same for sequences of another length.
    /// - Throws: ``CompressionError`` with code `accumulatorOverflow` if a sum could leave 32 bits.
    init(_ network: QuantizedNetwork, structure: Network) throws(CompressionError) {
        var operations: [any IntegerOperation] = []
        for node in structure.nodes {
            let place = network.place(of: node, in: structure)
            if node.layer is ReLU, network.sharing.calibrated[node.inputs[0]] == node.name,
                structure.node(node.inputs[0])?.inputs.isEmpty == false
            {
                // The layer before clamps at zero; an input does not.
                operations.append(IntegerIdentity())
                continue
            }
            operations.append(
                network.isFloat(node.name)
                    ? try FloatLayerOperation(in: place)
                    : try node.integerLayer().integerOperation(in: place))
        }
        self.operations = operations
        let inputs = structure.nodes.map { node in node.inputs.compactMap(structure.index(of:)) }
        self.inputs = inputs
        output = structure.outputs.last.flatMap { structure.index(of: $0.name) } ?? 0
        lastReaders = inputs.indices.map { index in inputs.lastIndex { $0.contains(index) } ?? index }
    }

    /// The integers at the output of every layer, in the order of the structure's nodes.
    func activations(of input: [Int8]) -> [[Int8]] {
        var outputs: [[Int8]] = []
        outputs.reserveCapacity(operations.count)
        for (index, operation) in operations.enumerated() {
            outputs.append(operation.run(inputs[index].isEmpty ? [input] : inputs[index].map { outputs[$0] }))
        }
        return outputs
    }

    /// The integers at the network's last output; memory is given back as soon as nothing reads it any more.
    func run(_ input: [Int8]) -> [Int8] {
        var outputs: [[Int8]] = []
        outputs.reserveCapacity(operations.count)
        for (index, operation) in operations.enumerated() {
            outputs.append(operation.run(inputs[index].isEmpty ? [input] : inputs[index].map { outputs[$0] }))
            for source in inputs[index] where lastReaders[source] == index && source != output { outputs[source] = [] }
        }
        return outputs[output]
    }
}

extension QuantizedNetwork {
    /// What a layer needs to know of its place.
    ///
    /// - Parameter structure: The network's own, or the same for sequences of another length.
    package func place(of node: Network.Node, in structure: Network) -> IntegerPlace {
        IntegerPlace(
            node: node, inputShapes: structure.inputShapes(of: node), outputShape: structure.shape(of: node.name) ?? [],
            inputs: node.inputs.map(activation(of:)), output: activation(of: node.name),
            clampsAtZero: sharing.clampsAtZero(node.name), tensors: tensors(of: node.name))
    }
}
