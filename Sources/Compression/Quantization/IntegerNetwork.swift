package import Datasets
package import Kernels
internal import Networks
internal import Tensors

/// Runs a quantized network in integers: the same integers that a device would get.
///
/// Float arithmetic stands only at the two edges. Sensor values are normalized and quantized on the way in, both in
/// float32; class scores are dequantized on the way out. In between, int8 activations meet int8 weights in 32-bit sums.
package struct IntegerNetwork: Sendable {
    package let network: QuantizedNetwork
    private let operations: [any IntegerOperation]
    private let inputs: [[Int]]
    private let inputQuantization: ActivationQuantization
    private let outputQuantization: ActivationQuantization
    private let inputShape: Shape
    private let outputCount: Int
    private let mean: [Float]?
    private let deviation: [Float]?

    /// - Throws: ``CompressionError`` with code `accumulatorOverflow` if a sum could leave 32 bits.
    package init(_ network: QuantizedNetwork) throws(CompressionError) {
        self.network = network
        let structure = network.structure
        var operations: [any IntegerOperation] = []
        for (node, shape) in zip(structure.nodes, structure.shapes) {
            let place = IntegerPlace(
                node: node, inputShapes: structure.inputShapes(of: node), outputShape: shape,
                inputs: node.inputs.map(network.activation(of:)), output: network.activation(of: node.name),
                clampsAtZero: network.sharing.clampsAtZero(node.name),
                weights: network.tensors["\(node.name).weights"]?.int8s ?? [],
                bias: network.tensors["\(node.name).bias"]?.int32s ?? [],
                weightScales: network.weightScales(of: node.name))
            operations.append(try node.integerLayer().integerOperation(in: place))
        }
        self.operations = operations
        inputs = structure.nodes.map { node in node.inputs.compactMap(structure.index(of:)) }
        let (input, output) = (structure.inputs[0].name, structure.outputs[0].name)
        inputQuantization = network.activation(of: input)
        outputQuantization = network.activation(of: output)
        inputShape = structure.shape(of: input) ?? []
        outputCount = structure.shape(of: output)?.count ?? 0
        mean = network.tensors["\(input).mean"]?.floats
        deviation = network.tensors["\(input).deviation"]?.floats
    }
}

// MARK: - Running

extension IntegerNetwork {
    /// The integers of one example of sensor values.
    package func quantizedInput(_ example: ArraySlice<Float>) -> [Int8] {
        let positions = inputShape.count / max(1, inputShape[0])
        return example.enumerated().map { index, value in
            let centred = value - (mean?[index / positions] ?? 0)
            return inputQuantization.quantize(centred / (deviation?[index / positions] ?? 1))
        }
    }

    /// The integers at the output of every layer, in the order of the structure's nodes.
    package func activations(of input: [Int8]) -> [[Int8]] {
        var outputs: [[Int8]] = []
        outputs.reserveCapacity(operations.count)
        for (index, operation) in operations.enumerated() {
            outputs.append(operation.run(inputs[index].isEmpty ? [input] : inputs[index].map { outputs[$0] }))
        }
        return outputs
    }

    /// The integers at the network's output.
    package func run(_ input: [Int8]) -> [Int8] { activations(of: input)[outputIndex] }

    /// The class scores of some examples, `[count][classes]`, the same at any number of threads.
    ///
    /// - Parameter examples: `[count]` and the input shape, row-major, raw sensor values.
    package func scores(of examples: [Float], count: Int, pool: WorkerPool) -> [Float] {
        precondition(examples.count == count * inputShape.count, "the examples do not fill the input shape")
        let scores = FloatBuffer(count: count * outputCount)
        pool.run(chunks: count) { index in
            let input = quantizedInput(examples[index * inputShape.count..<(index + 1) * inputShape.count])
            for (output, integer) in run(input).enumerated() {
                scores[index * outputCount + output] = outputQuantization.dequantize(integer)
            }
        }
        return scores.array
    }

    /// The class scores of every example of a data set, `[count][classes]`, read and run batch by batch.
    ///
    /// - Throws: `DatasetError` if a file has changed since it was opened.
    package func scores(of data: Dataset, pool: WorkerPool) throws -> [Float] {
        var scores: [Float] = []
        for start in stride(from: 0, to: data.count, by: Self.batch) {
            let rows = start..<min(start + Self.batch, data.count)
            scores += self.scores(of: try data.values(in: rows), count: rows.count, pool: pool)
        }
        return scores
    }

    /// Examples that are in memory at once; no score depends on it.
    private static let batch = 256

    private var outputIndex: Int { network.structure.index(of: network.structure.outputs[0].name) ?? 0 }
}
