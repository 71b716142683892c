internal import Networks
internal import Tensors

/// Convolutions of every kind as images; a sequence is an image of one column.
struct ReferenceConvolution {
    let layer: any ConvolutionLayer
    /// Row and column.
    let window: [Int]
    let stride: [Int]
    let dilation: [Int]
    let padding: Padding
    let isTransposed: Bool

    init?(_ layer: any Layer) {
        func two(_ value: Int) -> [Int] { [value, 1] }
        switch layer {
        case let layer as Convolution1D:
            self.init(
                layer, two(layer.filterSize), two(layer.stride), two(layer.dilation), layer.padding, false)
        case let layer as Convolution2D:
            self.init(layer, layer.filterSize, layer.stride, layer.dilation, layer.padding, false)
        case let layer as TransposedConvolution1D:
            self.init(layer, two(layer.filterSize), two(layer.stride), [1, 1], layer.cropping, true)
        case let layer as TransposedConvolution2D:
            self.init(layer, layer.filterSize, layer.stride, [1, 1], layer.cropping, true)
        default: return nil
        }
    }

    private init(
        _ layer: any ConvolutionLayer, _ window: [Int], _ stride: [Int], _ dilation: [Int], _ padding: Padding,
        _ isTransposed: Bool
    ) {
        self.layer = layer
        self.window = window
        self.stride = stride
        self.dilation = dilation
        self.padding = padding
        self.isTransposed = isTransposed
    }

    /// The output of a batch, by the formula of the layer's documentation.
    func callAsFunction(_ x: ReferenceValues, _ parameters: [[Double]]) -> ReferenceValues {
        let input = [x.shape[1], x.shape.rank == 3 ? x.shape[2] : 1]
        var (output, before) = ([1, 1], [0, 0])
        for axis in 0..<x.shape.rank - 1 { (output[axis], before[axis]) = extent(axis, input[axis]) }
        let perGroup = (channels: x.channels / layer.groups, filters: layer.filters / layer.groups)
        var y = ReferenceValues(
            shape: Shape([layer.filters] + output.prefix(x.shape.rank - 1)), examples: x.examples)
        for example in 0..<x.examples {
            for filter in 0..<layer.filters {
                for position in 0..<y.positions {
                    y[example, filter, position] = layer.hasBias ? parameters[1][filter] : 0
                }
                for channel in 0..<perGroup.channels {
                    let source = filter / perGroup.filters * perGroup.channels + channel
                    for row in 0..<window[0] {
                        for column in 0..<window[1] {
                            let index = ((filter * perGroup.channels + channel) * window[0] + row) * window[1] + column
                            let weight = parameters[0][index]
                            let (short, long) = isTransposed ? (input, output) : (output, input)
                            for s in 0..<short[0] {
                                for t in 0..<short[1] {
                                    let u = stride[0] * s + dilation[0] * row - before[0]
                                    let v = stride[1] * t + dilation[1] * column - before[1]
                                    guard u >= 0, v >= 0, u < long[0], v < long[1] else { continue }
                                    let (from, to) =
                                        isTransposed
                                        ? (s * short[1] + t, u * long[1] + v) : (u * long[1] + v, s * short[1] + t)
                                    y[example, filter, to] += weight * x[example, source, from]
                                }
                            }
                        }
                    }
                }
            }
        }
        return y
    }

    /// The length of the output along an axis, and the elements added (transposed: cropped) before the first.
    private func extent(_ axis: Int, _ input: Int) -> (output: Int, before: Int) {
        if isTransposed {
            let whole = stride[axis] * (input - 1) + window[axis]
            switch padding {
            case .explicit(let amounts):
                return (whole - amounts[2 * axis] - amounts[2 * axis + 1], amounts[2 * axis])
            default: return (stride[axis] * input, max(0, window[axis] - stride[axis]) / 2)
            }
        }
        let (before, after) = padding.amounts(
            axis: axis, input: input, window: window[axis], stride: stride[axis], dilation: dilation[axis])
        var output = 0
        while stride[axis] * output + dilation[axis] * (window[axis] - 1) < input + before + after { output += 1 }
        return (output, before)
    }
}
