package import Tensors

/// The weights and biases of one layer in integers.
package struct WeightQuantization: Sendable {
    /// One for each row, or one for all.
    package let scales: [QuantizationScale]
    package let weights: Tensor
    package let bias: Tensor?

    /// Rounds weights to the nearest of -127 to 127, and biases to 32 bits in steps of input scale times weight scale.
    ///
    /// A scale covers the largest weight, and is coarse enough for the largest bias to stay within 2^30: beside such a
    /// bias finer weights would be lost anyway. A power of two is the one of `e`, `e - 1`, `e - 2` with the least
    /// squared error, where `2^e` is the smallest that covers the largest weight.
    ///
    /// - Parameters:
    ///   - weights: Filters or units along the first axis.
    ///   - inputStep: The real size of one integer step of what the weights multiply.
    ///   - fixed: The scales, if they are not to be found.
    package init(
        weights: Tensor, bias: Tensor?, inputStep: Double, scheme: QuantizationScheme,
        scales fixed: [QuantizationScale]? = nil
    ) {
        let values = weights.floats
        let biases = bias?.floats ?? []
        let filters = weights.shape[0]
        let blocks = scheme.granularity == .channel ? filters : 1
        let (size, biasSize) = (values.count / blocks, biases.count / blocks)
        func found(_ block: Int) -> QuantizationScale {
            let least = biases[block * biasSize..<(block + 1) * biasSize].reduce(0) {
                max($0, abs(Double($1)) / (inputStep * 0x1p30))
            }
            return Self.scale(
                of: values[block * size..<(block + 1) * size], leastStep: least, scaling: scheme.scaling)
        }
        let scales = fixed ?? (0..<blocks).map(found)
        self.scales = scales
        let integers = values.indices.map { Self.integer(values[$0], step: scales[$0 / size].step) }
        self.weights = Tensor(shape: weights.shape, storage: .int8(integers))
        self.bias = bias.map { bias in
            Self.int32(bias) { inputStep * scales[blocks == 1 ? 0 : $0].step }
        }
    }

    /// The nearest integers of 32 bits, in steps that may differ from element to element.
    static func int32(_ values: Tensor, step: (Int) -> Double) -> Tensor {
        let integers = values.floats.enumerated().map { index, value in
            let steps = (Double(value) / step(index)).rounded(.toNearestOrAwayFromZero)
            return Int32(max(-0x1p31, min(0x1p31 - 1, steps)))
        }
        return Tensor(shape: values.shape, storage: .int32(integers))
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

// MARK: - All of a layer

extension WeightQuantization {
    /// The stored tensors of a layer's ``IntegerParameter`` list, under their names in the layer.
    ///
    /// - Parameters:
    ///   - parameters: The layer's float32 parameters under their names in the layer; missing ones are left out.
    ///   - inputStep: The real size of one integer step of the layer's first input.
    ///   - scales: Those that are not to be found, by the parameter's name in the layer.
    static func tensors(
        of layer: any IntegerLayer, inputs: [Shape], parameters: [String: Tensor], inputStep: Double,
        scheme: QuantizationScheme, scales: [String: [QuantizationScale]] = [:]
    ) -> [String: Tensor] {
        let (declared, real) = (layer.integerParameters(inputs: inputs), layer.realParameters(of: parameters))
        var tensors: [String: Tensor] = [:]
        for parameter in declared {
            guard let values = real[parameter.name] else { continue }
            switch parameter.form {
            case .fixedPoint(let exponent):
                tensors[parameter.name] = int32(values) { _ in .powerOfTwo(exponent) }
            case .bias: continue
            case .weights, .factors:
                let (bias, step) = bias(of: parameter, among: declared, inputStep: inputStep)
                var own = scheme
                if parameter.form == .factors { own.granularity = .channel }
                let rounded = WeightQuantization(
                    weights: values, bias: bias.flatMap { real[$0] }, inputStep: step, scheme: own,
                    scales: scales[parameter.name])
                tensors[parameter.name] = rounded.weights
                tensors.merge(QuantizationScale.tensor(rounded.scales, of: parameter.name)) { $1 }
                if let bias { tensors[bias] = rounded.bias }
            }
        }
        return tensors
    }

    /// The name of the bias of some weights, if they have one, and the real size of one integer step of what they
    /// multiply.
    private static func bias(
        of weights: IntegerParameter, among declared: [IntegerParameter], inputStep: Double
    ) -> (name: String?, step: Double) {
        for parameter in declared {
            guard case .bias(of: weights.name, let operand) = parameter.form else { continue }
            switch operand {
            case .input: return (parameter.name, inputStep)
            case .exponent(let exponent): return (parameter.name, .powerOfTwo(exponent))
            }
        }
        return (nil, inputStep)
    }
}
