internal import Networks
internal import Tensors

/// Every pooling counts as the mean, also that of the largest: what is linear is the same for all signals.
extension LinearPath where Self: WindowPooling {
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        let axes = sizes.indices
        // A sequence is an image of one row.
        func plane(_ values: [Int], _ first: Int) -> [Int] { values.count == 1 ? [first] + values : values }
        let before = axes.map {
            padding.amounts(
                axis: $0, input: inputs[0][$0 + 1], window: sizes[$0], stride: strides[$0], dilation: 1
            ).before
        }
        let windows = PathWindows(
            large: plane(Array(inputs[0].dimensions.dropFirst()), 1),
            small: plane(Array(output.dimensions.dropFirst()), 1),
            window: plane(sizes, 1), stride: plane(strides, 1), dilation: [1, 1], before: plane(before, 0))
        let rows = windows.rows
        let (sources, results) = (inputs[0].count / inputs[0][0], output.count / output[0])
        for channel in 0..<output[0] {
            for row in rows {
                body(
                    PathRun(
                        input: channel * sources + row.large, inputStride: windows.stride[1],
                        output: channel * results + row.small, factor: 1 / Double(sizes.reduce(1, *)), count: row.count)
                )
            }
        }
    }
}

extension MaxPooling1D: LinearPath {}
extension MaxPooling2D: LinearPath {}
extension AveragePooling1D: LinearPath {}
extension AveragePooling2D: LinearPath {}

extension LinearPath where Self: GlobalPooling {
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        let positions = inputs[0].count / inputs[0][0]
        for channel in 0..<output[0] {
            body(
                PathRun(
                    input: channel * positions, output: channel, outputStride: 0, factor: 1 / Double(positions),
                    count: positions))
        }
    }
}

extension GlobalAveragePooling: LinearPath {}
extension GlobalMaxPooling: LinearPath {}
