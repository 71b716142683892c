internal import Tensors

/// The weights and biases of one layer in integers.
struct WeightQuantization: Sendable {
    /// One for each filter, or one for all.
    let scales: [QuantizationScale]
    let weights: Tensor
    let bias: Tensor?

    /// Rounds weights to the nearest of -127 to 127, and biases to 32 bits in steps of input scale times weight scale.
    ///
    /// A scale covers the largest weight, and is coarse enough for the largest bias to stay within 2^30: beside such a
    /// bias finer weights would be lost anyway. A power of two is the one of `e`, `e - 1`, `e - 2` with the least
    /// squared error, where `2^e` is the smallest that covers the largest weight.
    ///
    /// - Parameters:
    ///   - weights: Filters or units along the first axis.
    ///   - inputStep: The real size of one integer step of the input.
    init(weights: Tensor, bias: Tensor?, inputStep: Double, scheme: QuantizationScheme) {
        let values = weights.floats
        let biases = bias?.floats ?? []
        let filters = weights.shape[0]
        let blocks = scheme.granularity == .channel ? filters : 1
        let (size, biasSize) = (values.count / blocks, biases.count / blocks)
        let scales = (0..<blocks).map { block in
            Self.scale(
                of: values[block * size..<(block + 1) * size],
                leastStep: biases[block * biasSize..<(block + 1) * biasSize].reduce(0) {
                    max($0, abs(Double($1)) / (inputStep * 0x1p30))
                }, scaling: scheme.scaling)
        }
        self.scales = scales
        let integers = values.indices.map { Self.integer(values[$0], step: scales[$0 / size].step) }
        self.weights = Tensor(shape: weights.shape, storage: .int8(integers))
        self.bias = bias.map { bias in
            let integers = biases.indices.map { filter in
                let step = inputStep * scales[blocks == 1 ? 0 : filter].step
                let steps = (Double(biases[filter]) / step).rounded(.toNearestOrAwayFromZero)
                return Int32(max(-0x1p31, min(0x1p31 - 1, steps)))
            }
            return Tensor(shape: bias.shape, storage: .int32(integers))
        }
    }

    private static func integer(_ value: Float, step: Double) -> Int8 {
        Int8(max(-127, min(127, (Double(value) / step).rounded(.toNearestOrAwayFromZero))))
    }

    private static func scale(
        of values: ArraySlice<Float>, leastStep: Double, scaling: QuantizationScheme.Scaling
    ) -> QuantizationScale {
        let peak = Double(values.reduce(0) { max($0, abs($1)) })
        guard peak > 0 || leastStep > 0 else { return scaling == .affine ? .real(1) : .exponent(0) }
        switch scaling {
        case .affine: return .real(max(Float(max(peak / 127, leastStep)), Float.leastNormalMagnitude))
        case .powerOfTwo:
            let least = PowerOfTwo.exponent(holding: leastStep, in: 1)
            return PowerOfTwo.candidates(holding: peak, atLeast: least)
                .map { exponent in (exponent, PowerOfTwo.squaredError(values, exponent, lowest: -127)) }
                .reduce(nil) { best, next in best.map { next.1 < $0.1 ? next : $0 } ?? next }
                .map { .exponent($0.0) } ?? .exponent(0)
        }
    }
}
