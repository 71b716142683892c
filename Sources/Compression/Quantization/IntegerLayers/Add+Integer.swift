package import Networks
internal import Tensors

extension Add: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    /// The sum, exact with power-of-two scales: the inputs are shifted left to the finest of their exponents.
    ///
    /// With real scales they are brought to 20 fraction bits of twice the largest scale, as TensorFlow Lite does.
    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        if let other = place.inputShapes.first(where: { $0.count != place.outputShape.count }) {
            throw CompressionError(
                .unsupportedLayer, layer: place.node.name,
                "adds \(other) to every position of \(place.outputShape); in int8 all inputs have one shape")
        }
        let zeroPoints = place.inputs.map { Int32($0.zeroPoint) }
        let exponents = place.inputs.compactMap(\.scale.exponent)
        if let finest = exponents.min(), exponents.count == place.inputs.count, place.output.scale.exponent != nil {
            let places = exponents.map { $0 - finest }
            try place.checkAccumulator(
                places.indices.reduce(0) { $0 + place.reach(ofInput: $1) << min(places[$1], 40) },
                remedy: "its inputs differ too much in scale, so use affine scaling")
            return IntegerAdd(
                zeroPoints: zeroPoints, places: places,
                rescalings: places.map { _ in .exact(shift: 0, divisor: 1) },
                output: IntegerOutputStage(
                    [Rescaling(.exponent(Int8(finest)), to: place.output.scale)], of: place))
        }
        // Each term stays below 2^27.
        guard place.inputs.count < 16 else {
            throw CompressionError(
                .unsupportedLayer, layer: place.node.name,
                "adds \(place.inputs.count) inputs; at most 15 fit a 32-bit accumulator")
        }
        let twice = 2 * (place.inputs.map(\.step).max() ?? 1)
        return IntegerAdd(
            zeroPoints: zeroPoints, places: place.inputs.map { _ in Self.fractionBits },
            rescalings: place.inputs.map { .real($0.step / twice) },
            output: IntegerOutputStage(
                [.real(twice / (Double.powerOfTwo(Self.fractionBits) * place.output.step))], of: place))
    }

    private static let fractionBits = 20
}

private struct IntegerAdd: IntegerOperation {
    let zeroPoints: [Int32]
    let places: [Int]
    let rescalings: [Rescaling]
    let output: IntegerOutputStage

    func run(_ inputs: [[Int8]]) -> [Int8] {
        inputs[0].indices.map { element in
            var sum: Int32 = 0
            for (index, input) in inputs.enumerated() {
                sum &+= rescalings[index]((Int32(input[element]) - zeroPoints[index]) << Int32(places[index]))
            }
            return output(sum)
        }
    }
}
