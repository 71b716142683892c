package import Datasets
package import Kernels
internal import Networks
internal import Tensors

/// Runs a quantized network in integers: the same integers that a device would get.
///
/// Float arithmetic stands only at the two edges, and in layers that are kept in float32. Sensor values are normalized
/// and quantized on the way in, both in float32; the scores of the last output are dequantized on the way out. In
/// between, int8 activations meet int8 weights in 32-bit sums. Examples run on all threads of a pool, each on one.
///
/// A sequence that is shorter than the network reads runs at its own length, without padding.
package struct IntegerNetwork: Sendable {
    package let network: QuantizedNetwork
    private let program: IntegerProgram
    private let input: InputQuantization
    private let outputQuantization: ActivationQuantization
    private let outputCount: Int

    /// - Throws: ``CompressionError`` with code `accumulatorOverflow` if a sum could leave 32 bits.
    package init(_ network: QuantizedNetwork) throws(CompressionError) {
        self.network = network
        program = try IntegerProgram(network, structure: network.structure)
        input = InputQuantization(of: network)
        let output = network.structure.outputs[network.structure.outputs.count - 1].name
        outputQuantization = network.activation(of: output)
        outputCount = network.structure.shape(of: output)?.count ?? 0
    }
}

// MARK: - Running

extension IntegerNetwork {
    /// The integers of one example of sensor values.
    package func quantizedInput(_ example: ArraySlice<Float>) -> [Int8] { input(example) }

    /// The integers at the output of every layer, in the order of the structure's nodes.
    package func activations(of input: [Int8]) -> [[Int8]] { program.activations(of: input) }

    /// The integers at the network's last output.
    package func run(_ input: [Int8]) -> [Int8] { program.run(input) }

    /// The scores of some examples, `[count][classes]`, the same at any number of threads.
    ///
    /// - Parameter examples: `[count]` and the input shape, row-major, raw sensor values.
    package func scores(of examples: [Float], count: Int, pool: WorkerPool) -> [Float] {
        let size = input.shape.count
        precondition(examples.count == count * size, "the examples do not fill the input shape")
        let scores = FloatBuffer(count: count * outputCount)
        pool.run(chunks: count) { index in
            let integers = program.run(input(examples[index * size..<(index + 1) * size]))
            for (output, integer) in integers.enumerated() {
                scores[index * outputCount + output] = outputQuantization.dequantize(integer)
            }
        }
        return scores.array
    }

    /// The scores of every example of a data set, `[count][classes]`, read and run batch by batch.
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
}
