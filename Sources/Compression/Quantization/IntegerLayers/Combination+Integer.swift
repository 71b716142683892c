internal import Kernels
package import Networks
internal import Tensors

/// Sums and differences: exact with power-of-two scales, where the inputs are shifted left to the finest of their
/// exponents. With real scales they are brought to 20 fraction bits of twice the largest scale, as TensorFlow Lite does.

extension Add: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        try IntegerSum(in: place, signs: place.inputs.map { _ in 1 })
    }
}

extension Subtract: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        try IntegerSum(in: place, signs: [1, -1])
    }
}

extension Multiply: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    /// The product of the integers less their zero points in 32 bits, rescaled.
    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        guard place.inputs.count <= 3 else {
            throw CompressionError(
                .unsupportedLayer, layer: place.node.name,
                "multiplies \(place.inputs.count) inputs; at most 3 fit a 32-bit accumulator")
        }
        return IntegerProductOfInputs(
            zeroPoints: place.inputs.map(\.zeroPoint), outputShape: place.outputShape,
            output: place.output([Rescaling(product: place.inputs.map(\.scale), to: place.output.scale)]))
    }
}

/// Inputs with one element a channel count for every position.
private struct IntegerSum: IntegerOperation {
    private let zeroPoints: [Int8]
    private let signs: [Int32]
    private let places: [Int]
    private let rescalings: [Rescaling]
    private let outputShape: Shape
    private let output: IntegerOutput

    init(in place: IntegerPlace, signs: [Int32]) throws(CompressionError) {
        zeroPoints = place.inputs.map(\.zeroPoint)
        outputShape = place.outputShape
        self.signs = signs
        let exponents = place.inputs.compactMap(\.scale.exponent)
        if let finest = exponents.min(), exponents.count == place.inputs.count, place.output.scale.exponent != nil {
            let places = exponents.map { $0 - finest }
            try place.checkAccumulator(
                places.indices.reduce(0) { $0 + place.reach(ofInput: $1) << min(places[$1], 40) },
                remedy: "its inputs differ too much in scale, so use affine scaling")
            self.places = places
            rescalings = places.map { _ in .exact(shift: 0, divisor: 1) }
            output = place.output([Rescaling(.exponent(Int8(finest)), to: place.output.scale)])
            return
        }
        // Each term stays below 2^27.
        guard place.inputs.count < 16 else {
            throw CompressionError(
                .unsupportedLayer, layer: place.node.name,
                "adds \(place.inputs.count) inputs; at most 15 fit a 32-bit accumulator")
        }
        let twice = 2 * (place.inputs.map(\.step).max() ?? 1)
        places = place.inputs.map { _ in Self.fractionBits }
        rescalings = place.inputs.map { .real($0.step / twice) }
        output = place.output([.real(twice / (Double.powerOfTwo(Self.fractionBits) * place.output.step))])
    }

    private static let fractionBits = 20

    func run(_ inputs: [[Int8]]) -> [Int8] {
        var sums = [Int32](repeating: 0, count: outputShape.count)
        for (index, input) in inputs.enumerated() {
            IntegerElementKernels.add(
                input, zeroPoint: zeroPoints[index], sign: signs[index], places: places[index], rescalings[index],
                channels: outputShape[0], to: &sums)
        }
        return output(sums, channels: outputShape[0])
    }
}

private struct IntegerProductOfInputs: IntegerOperation {
    let zeroPoints: [Int8]
    let outputShape: Shape
    let output: IntegerOutput

    func run(_ inputs: [[Int8]]) -> [Int8] {
        var products = [Int32](repeating: 1, count: outputShape.count)
        for (input, zeroPoint) in zip(inputs, zeroPoints) {
            IntegerElementKernels.multiply(input, zeroPoint: zeroPoint, channels: outputShape[0], into: &products)
        }
        return output(products, channels: outputShape[0])
    }
}
