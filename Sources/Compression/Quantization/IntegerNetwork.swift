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
    private let outputShape: Shape

    /// - Throws: ``CompressionError`` with code `accumulatorOverflow` if a sum could leave 32 bits.
    package init(_ network: QuantizedNetwork) throws(CompressionError) {
        self.network = network
        program = try IntegerProgram(network, structure: network.structure)
        input = InputQuantization(of: network)
        let output = network.structure.outputs[network.structure.outputs.count - 1].name
        outputQuantization = network.activation(of: output)
        outputShape = network.structure.shape(of: output) ?? []
    }
}

// MARK: - One example

extension IntegerNetwork {
    /// The integers of one example of sensor values.
    ///
    /// - Parameter steps: The length of a sequence that is shorter than the network reads; `nil` for a whole example.
    package func quantizedInput(_ example: ArraySlice<Float>, steps: Int? = nil) -> [Int8] {
        input(example, steps: steps)
    }

    /// The integers at the output of every layer, in the order of the structure's nodes.
    package func activations(of input: [Int8]) -> [[Int8]] { program.activations(of: input) }

    /// The same of one example of sensor values, at its own length.
    ///
    /// - Throws: `NetworkError` for a length that the network cannot take.
    func activations(ofExample example: ArraySlice<Float>, steps: Int?) throws -> [[Int8]] {
        try program(steps: steps).activations(of: input(example, steps: steps))
    }

    /// The integers at the network's last output.
    package func run(_ input: [Int8]) -> [Int8] { program.run(input) }

    /// The operations for sequences of a length.
    private func program(steps: Int?) throws -> IntegerProgram {
        guard let steps, steps != input.shape[1] else { return program }
        return try IntegerProgram(network, structure: network.structure.reading(steps: steps))
    }
}

// MARK: - Many examples

extension IntegerNetwork {
    /// The scores of some examples, `[count][classes]`, the same at any number of threads.
    ///
    /// - Parameter examples: `[count]` and the input shape, row-major, raw sensor values.
    package func scores(of examples: [Float], count: Int, pool: WorkerPool) -> [Float] {
        scores(of: examples, count: count, pool: pool) { _ in (program, nil) }
    }

    /// The scores of every example of a data set, `[count][classes]`, read and run batch by batch.
    ///
    /// - Parameter check: Called before each batch; throws to stop.
    /// - Throws: `DatasetError` if a file has changed since it was opened; `NetworkError` for sequences of a length that
    ///   the network cannot take; what `check` throws.
    package func scores(of data: Dataset, pool: WorkerPool, check: () throws -> Void = {}) throws -> [Float] {
        var programs: [Int: IntegerProgram] = [:]
        for steps in Set(data.steps ?? []).sorted() { programs[steps] = try program(steps: steps) }
        var scores: [Float] = []
        for start in stride(from: 0, to: data.count, by: Self.batch) {
            try check()
            let rows = start..<min(start + Self.batch, data.count)
            scores += self.scores(of: try data.values(in: rows), count: rows.count, pool: pool) { index in
                let steps = data.steps?[start + index]
                return (steps.flatMap { programs[$0] } ?? program, steps)
            }
        }
        return scores
    }

    /// Examples that are in memory at once; no score depends on it.
    private static let batch = 64

    /// - Parameter program: The operations for an example, and its length if it is shorter than the network reads. Steps
    ///   of an output beyond those of a sequence are zero.
    private func scores(
        of examples: [Float], count: Int, pool: WorkerPool, program: (Int) -> (IntegerProgram, steps: Int?)
    ) -> [Float] {
        let size = input.shape.count
        precondition(examples.count == count * size, "the examples do not fill the input shape")
        let scores = FloatBuffer(count: count * outputShape.count)
        let (channels, positions) = (outputShape[0], outputShape.count / outputShape[0])
        pool.run(chunks: count) { index in
            let (program, steps) = program(index)
            let integers = program.run(input(examples[index * size..<(index + 1) * size], steps: steps))
            let valid = integers.count / channels
            for (output, integer) in integers.enumerated() {
                let place = output / valid * positions + output % valid
                scores[index * outputShape.count + place] = outputQuantization.dequantize(integer)
            }
        }
        return scores.array
    }
}
