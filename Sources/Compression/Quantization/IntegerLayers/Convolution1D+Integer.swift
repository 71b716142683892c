package import Networks
internal import Tensors

extension Convolution1D: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        try place.checkAccumulators(rows: filters)
        return IntegerConvolution1D(self, place)
    }
}

/// `sum over c, j of w[o, c, j] * (x[c, stride * t + dilation * j - before] - zeroPoint) + bias[o]` in 32 bits, rescaled,
/// over the channels of the filter's group.
private struct IntegerConvolution1D: IntegerOperation {
    let layer: Convolution1D
    /// The channels and the filters of one group.
    let channels: Int
    let filters: Int
    let steps: Int
    let outputSteps: Int
    let before: Int
    let zeroPoint: Int32
    let weights: [Int32]
    let bias: [Int32]
    let output: IntegerOutputStage

    init(_ layer: Convolution1D, _ place: IntegerPlace) {
        self.layer = layer
        channels = place.inputShapes[0][0] / layer.groups
        filters = layer.filters / layer.groups
        steps = place.inputShapes[0][1]
        outputSteps = place.outputShape[1]
        before =
            layer.padding.amounts(
                axis: 0, input: steps, window: layer.filterSize, stride: layer.stride, dilation: layer.dilation
            ).before
        zeroPoint = Int32(place.inputs[0].zeroPoint)
        weights = place.int8s("weights").map(Int32.init)
        bias = place.int32s("bias", count: layer.filters)
        output = place.weightedOutput
    }

    func run(_ inputs: [[Int8]]) -> [Int8] {
        let input = inputs[0].map { Int32($0) &- zeroPoint }
        var result = [Int8](repeating: 0, count: layer.filters * outputSteps)
        var sums = [Int32](repeating: 0, count: outputSteps)
        for filter in 0..<layer.filters {
            for step in 0..<outputSteps { sums[step] = bias[filter] }
            let firstChannel = filter / filters * channels
            for channel in 0..<channels {
                for tap in 0..<layer.filterSize {
                    let weight = weights[(filter * channels + channel) * layer.filterSize + tap]
                    guard weight != 0 else { continue }
                    // Elements outside the input are zero: skip the steps that would read them.
                    let offset = layer.dilation * tap - before
                    let first = offset >= 0 ? 0 : (layer.stride - 1 - offset) / layer.stride
                    let reach = steps - 1 - offset
                    guard reach >= 0 else { continue }
                    let end = min(outputSteps, reach / layer.stride + 1)
                    var source = (firstChannel + channel) * steps + offset + layer.stride * first
                    for step in stride(from: first, to: end, by: 1) {
                        sums[step] &+= weight &* input[source]
                        source &+= layer.stride
                    }
                }
            }
            for step in 0..<outputSteps { result[filter * outputSteps + step] = output(sums[step], channel: filter) }
        }
        return result
    }
}
