internal import Kernels
package import Networks
internal import Tensors

/// Windows: the largest integer, or the mean of integers as they are, zero point included; padding is not counted.

extension MaxPooling1D: IntegerLayer {}
extension MaxPooling2D: IntegerLayer {}
extension AveragePooling1D: IntegerLayer {}
extension AveragePooling2D: IntegerLayer {}

extension IntegerLayer where Self: WindowPooling {
    package var outputScale: IntegerOutputScale { .ofInput }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        try place.checkAccumulator(Self.rule == .mean ? sizes.reduce(128, *) : 0)
        let axes = sizes.indices.map { axis in
            ConvolutionKernel.Axis(
                input: place.inputShapes[0][axis + 1], output: place.outputShape[axis + 1], window: sizes[axis],
                stride: strides[axis], dilation: 1,
                before: padding.amounts(
                    axis: axis, input: place.inputShapes[0][axis + 1], window: sizes[axis], stride: strides[axis],
                    dilation: 1
                ).before)
        }
        let mean: IntegerPoolingKernel.Rule = place.output.scale.exponent == nil ? .meanHalfAway : .meanHalfUp
        return IntegerPooling(
            kernel: IntegerPoolingKernel(
                channels: place.outputShape[0], axes: axes, rule: Self.rule == .largest ? .largest : mean))
    }
}

private struct IntegerPooling: IntegerOperation {
    let kernel: IntegerPoolingKernel

    func run(_ inputs: [[Int8]]) -> [Int8] { kernel(inputs[0]) }
}

// MARK: - All positions

extension GlobalMaxPooling: IntegerLayer {
    package var outputScale: IntegerOutputScale { .ofInput }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        let positions = place.inputShapes[0].count / max(1, place.outputShape[0])
        let whole = ConvolutionKernel.Axis(
            input: positions, output: 1, window: positions, stride: 1, dilation: 1, before: 0)
        return IntegerPooling(
            kernel: IntegerPoolingKernel(channels: place.outputShape[0], axes: [whole], rule: .largest))
    }
}

extension GlobalAveragePooling: IntegerLayer {
    /// A mean over many positions spans far less than what it is the mean of, so it has a scale of its own.
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        let positions = place.inputShapes[0].count / max(1, place.outputShape[0])
        try place.checkAccumulator(positions * place.reach(ofInput: 0))
        return IntegerGlobalAveragePooling(
            channels: place.outputShape[0], zeroPoint: Int32(place.inputs[0].zeroPoint),
            output: place.output([
                Rescaling(place.inputs[0].scale, dividedBy: positions, to: place.output.scale)
            ]))
    }
}

/// The sum of each channel in 32 bits; the division by the positions is part of the rescaling.
private struct IntegerGlobalAveragePooling: IntegerOperation {
    let channels: Int
    let zeroPoint: Int32
    let output: IntegerOutput

    func run(_ inputs: [[Int8]]) -> [Int8] {
        let positions = inputs[0].count / channels
        return (0..<channels).map { channel in
            var sum: Int32 = 0
            for element in inputs[0][channel * positions..<(channel + 1) * positions] {
                sum &+= Int32(element) &- zeroPoint
            }
            return output(sum)
        }
    }
}
