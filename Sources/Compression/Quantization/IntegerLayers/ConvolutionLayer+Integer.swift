internal import Kernels
package import Networks
internal import Tensors

/// Convolutions of all kinds run on one kernel: `sum of w * (x - zeroPoint) + bias` in 32 bits, rescaled, over the
/// channels of the filter's group. Elements outside the input count as zero.

extension Convolution1D: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        try IntegerConvolution(self, stride: [stride], dilation: [dilation], padding: padding, in: place)
    }
}

extension Convolution2D: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        try IntegerConvolution(self, stride: stride, dilation: dilation, padding: padding, in: place)
    }
}

extension TransposedConvolution1D: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        try IntegerConvolution(self, stride: [stride], cropping: cropping, in: place)
    }
}

extension TransposedConvolution2D: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        try IntegerConvolution(self, stride: stride, cropping: cropping, in: place)
    }
}

private struct IntegerConvolution: IntegerOperation {
    /// No layer of a small network comes near, in bytes.
    private static let largestScratch = Double(1 << 28)

    private let kernel: IntegerConvolutionKernel

    init(
        _ layer: some ConvolutionLayer, stride: [Int], dilation: [Int], padding: Padding, in place: IntegerPlace
    ) throws(CompressionError) {
        let (input, output) = (place.inputShapes[0], place.outputShape)
        let axes = layer.window.indices.map { axis in
            ConvolutionKernel.Axis(
                input: input[axis + 1], output: output[axis + 1], window: layer.window[axis], stride: stride[axis],
                dilation: dilation[axis],
                before: padding.amounts(
                    axis: axis, input: input[axis + 1], window: layer.window[axis], stride: stride[axis],
                    dilation: dilation[axis]
                ).before)
        }
        kernel = try Self.kernel(layer, axes, spread: nil, weights: place.int8s("weights"), in: place)
    }

    /// Transposed: a convolution with its filters turned around, over elements `stride` apart with zeros between them.
    init(
        _ layer: some ConvolutionLayer, stride: [Int], cropping: Padding, in place: IntegerPlace
    ) throws(CompressionError) {
        let (input, output) = (place.inputShapes[0], place.outputShape)
        let axes = layer.window.indices.map { axis in
            let before = cropping.amounts(
                axis: axis, input: output[axis + 1], window: layer.window[axis], stride: stride[axis], dilation: 1
            ).before
            return ConvolutionKernel.Axis(
                input: input[axis + 1], output: output[axis + 1], window: layer.window[axis], stride: 1, dilation: 1,
                before: layer.window[axis] - 1 - before)
        }
        let (weights, area) = (place.int8s("weights"), layer.window.reduce(1, *))
        let turned = weights.indices.map { weights[$0 / area * area + area - 1 - $0 % area] }
        kernel = try Self.kernel(layer, axes, spread: stride, weights: turned, in: place)
    }

    private static func kernel(
        _ layer: some ConvolutionLayer, _ axes: [ConvolutionKernel.Axis], spread: [Int]?, weights: [Int8],
        in place: IntegerPlace
    ) throws(CompressionError) -> IntegerConvolutionKernel {
        try place.checkAccumulators(rows: layer.filters)
        let channels = place.inputShapes[0][0]
        let bytes = IntegerConvolutionKernel.scratchBytes(channels: channels, groups: layer.groups, axes: axes)
        guard bytes <= largestScratch else {
            throw CompressionError(
                .unsupportedLayer, layer: place.node.name,
                "needs more than \(Int(largestScratch) >> 20) MiB to lay out its input as integers; "
                    + "lower its padding or dilation, or keep it in float32")
        }
        return IntegerConvolutionKernel(
            channels: channels, filters: layer.filters, groups: layer.groups, axes: axes,
            spread: spread, zeroPoint: place.inputs[0].zeroPoint, weights: weights,
            bias: place.int32s("bias", count: layer.filters), output: place.output(of: "weights"))
    }

    func run(_ inputs: [[Int8]]) -> [Int8] { kernel(inputs[0]) }
}
