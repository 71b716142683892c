internal import Networks
internal import Tensors

/// How windows of a larger plane stand beside the elements of a smaller one; `[height, width]` each.
///
/// A convolution reads the larger plane and gives the smaller one, a transposed convolution does the opposite.
struct PathWindows {
    let large: [Int]
    let small: [Int]
    let window: [Int]
    let stride: [Int]
    let dilation: [Int]
    let before: [Int]

    /// A row of elements that one tap of the window touches.
    struct Row {
        let tap: Int
        let large: Int
        let small: Int
        let count: Int
    }

    /// Taps in order, and for each the rows from the top.
    var rows: [Row] {
        var rows: [Row] = []
        for tap in 0..<window[0] * window[1] {
            let (top, left) = (tap / window[1] * dilation[0] - before[0], tap % window[1] * dilation[1] - before[1])
            let first = left >= 0 ? 0 : (stride[1] - 1 - left) / stride[1]
            let end = large[1] > left ? min(small[1], (large[1] - 1 - left) / stride[1] + 1) : 0
            guard first < end else { continue }
            for y in 0..<small[0] where (0..<large[0]).contains(stride[0] * y + top) {
                rows.append(
                    Row(
                        tap: tap, large: (stride[0] * y + top) * large[1] + stride[1] * first + left,
                        small: y * small[1] + first, count: end - first))
            }
        }
        return rows
    }
}

extension LinearPath where Self: ConvolutionLayer {
    func pathWeights(_ parameter: (String) -> [Double]) -> [Double] { parameter("weights").map(abs) }

    /// - Parameter isTransposed: Whether the input is the smaller plane.
    fileprivate func forEachRun(
        inputs: [Shape], output: Shape, windows: PathWindows, isTransposed: Bool, _ body: (PathRun) -> Void
    ) {
        let (channels, area) = (inputs[0][0] / groups, window.reduce(1, *))
        let (sources, results) = (inputs[0].count / inputs[0][0], output.count / output[0])
        let rows = windows.rows
        for filter in 0..<filters {
            let first = filter / (filters / groups) * channels
            for channel in 0..<channels {
                for row in rows {
                    let (input, result) = isTransposed ? (row.small, row.large) : (row.large, row.small)
                    body(
                        PathRun(
                            input: (first + channel) * sources + input,
                            inputStride: isTransposed ? 1 : windows.stride[1],
                            output: filter * results + result, outputStride: isTransposed ? windows.stride[1] : 1,
                            weight: (filter * channels + channel) * area + row.tap, count: row.count))
                }
            }
        }
    }
}

extension Convolution1D: LinearPath {
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        let (before, _) = padding.amounts(
            axis: 0, input: inputs[0][1], window: filterSize, stride: stride, dilation: dilation)
        let windows = PathWindows(
            large: [1, inputs[0][1]], small: [1, output[1]], window: [1, filterSize], stride: [1, stride],
            dilation: [1, dilation], before: [0, before])
        forEachRun(inputs: inputs, output: output, windows: windows, isTransposed: false, body)
    }
}

extension Convolution2D: LinearPath {
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        let before = (0..<2).map {
            padding.amounts(
                axis: $0, input: inputs[0][$0 + 1], window: filterSize[$0], stride: stride[$0], dilation: dilation[$0]
            ).before
        }
        let windows = PathWindows(
            large: [inputs[0][1], inputs[0][2]], small: [output[1], output[2]], window: filterSize, stride: stride,
            dilation: dilation, before: before)
        forEachRun(inputs: inputs, output: output, windows: windows, isTransposed: false, body)
    }
}

extension TransposedConvolution1D: LinearPath {
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        let (before, _) = cropping.amounts(axis: 0, input: output[1], window: filterSize, stride: stride, dilation: 1)
        let windows = PathWindows(
            large: [1, output[1]], small: [1, inputs[0][1]], window: [1, filterSize], stride: [1, stride],
            dilation: [1, 1], before: [0, before])
        forEachRun(inputs: inputs, output: output, windows: windows, isTransposed: true, body)
    }
}

extension TransposedConvolution2D: LinearPath {
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        let before = (0..<2).map {
            cropping.amounts(
                axis: $0, input: output[$0 + 1], window: filterSize[$0], stride: stride[$0], dilation: 1
            ).before
        }
        let windows = PathWindows(
            large: [output[1], output[2]], small: [inputs[0][1], inputs[0][2]], window: filterSize, stride: stride,
            dilation: [1, 1], before: before)
        forEachRun(inputs: inputs, output: output, windows: windows, isTransposed: true, body)
    }
}
