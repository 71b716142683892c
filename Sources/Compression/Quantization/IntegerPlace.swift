package import Networks
package import Tensors

/// What a layer needs to know of its place to compute there.
package struct IntegerPlace: Sendable {
    package let node: Network.Node
    package let inputShapes: [Shape]
    package let outputShape: Shape
    package let inputs: [ActivationQuantization]
    package let output: ActivationQuantization
    /// Whether a ReLU that alone reads the output is done here already.
    package let clampsAtZero: Bool
    /// The stored tensors of the layer without its name in front: integers under the names of parameters, with
    /// `<parameter>.scale` or `<parameter>.exponent`, and constants.
    package let tensors: [String: Tensor]

    package init(
        node: Network.Node, inputShapes: [Shape], outputShape: Shape, inputs: [ActivationQuantization],
        output: ActivationQuantization, clampsAtZero: Bool = false, tensors: [String: Tensor] = [:]
    ) {
        self.node = node
        self.inputShapes = inputShapes
        self.outputShape = outputShape
        self.inputs = inputs
        self.output = output
        self.clampsAtZero = clampsAtZero
        self.tensors = tensors
    }
}

// MARK: - Parameters

extension IntegerPlace {
    /// The integers of weights or factors.
    package func int8s(_ name: String) -> [Int8] { tensors[name]?.int8s ?? [] }

    /// The integers of a bias; zeros if the layer has none.
    package func int32s(_ name: String, count: Int) -> [Int32] {
        tensors[name]?.int32s ?? Array(repeating: 0, count: count)
    }

    /// The scales of weights or factors: one for each row or one for all.
    package func scales(_ name: String) -> [QuantizationScale] { QuantizationScale.stored(of: name, in: tensors) }

    /// The float32 elements of a constant.
    package func floats(_ name: String) -> [Float]? { tensors[name]?.floats }
}

// MARK: - Accumulators

extension IntegerPlace {
    /// The largest magnitude of an input's integer less its zero point.
    package func reach(ofInput index: Int) -> Int {
        let zeroPoint = Int(inputs[index].zeroPoint)
        return max(127 - zeroPoint, zeroPoint + 128)
    }

    /// Makes sure that no sum of weights times integers of some reach, plus a bias, can leave 32 bits.
    ///
    /// - Parameter rows: How many rows of equal size the weights fall into.
    func checkAccumulators(
        _ weights: String = "weights", bias: String = "bias", rows: Int, reach: Int? = nil
    ) throws(CompressionError) {
        let (integers, offsets) = (int8s(weights), int32s(bias, count: rows))
        let (size, reach) = (integers.count / max(1, rows), reach ?? self.reach(ofInput: 0))
        for row in 0..<rows {
            let sum = integers[row * size..<(row + 1) * size].reduce(0) { $0 + abs(Int($1)) }
            try checkAccumulator(sum * reach + abs(Int(offsets[row])))
        }
    }

    /// - Parameter remedy: What to do about it.
    func checkAccumulator(_ bound: Int, remedy: String = "give it fewer inputs") throws(CompressionError) {
        guard bound > Int(Int32.max) else { return }
        throw CompressionError(
            .accumulatorOverflow, layer: node.name,
            "its sums can reach \(bound), beyond the \(Int32.max) of a 32-bit accumulator; \(remedy)")
    }
}
