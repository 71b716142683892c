internal import Networks
internal import Tensors

/// Sums, differences and products add up.
extension LinearPath where Self: Combination {
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        for (source, input) in inputs.enumerated() {
            guard input != output else {
                body(PathRun(source: source, input: 0, output: 0, count: output.count))
                continue
            }
            let positions = output.count / output[0]
            for channel in 0..<output[0] {
                body(
                    PathRun(
                        source: source, input: channel, inputStride: 0, output: channel * positions, count: positions))
            }
        }
    }
}

extension Add: LinearPath {}
extension Subtract: LinearPath {}
extension Multiply: LinearPath {}

extension Concatenate: LinearPath {
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        guard let index = try? axis.index(in: output) else { return }
        let blocks = output.dimensions.prefix(index).reduce(1, *)
        var start = 0
        for (source, input) in inputs.enumerated() {
            let size = input.count / blocks
            for block in 0..<blocks {
                body(
                    PathRun(
                        source: source, input: block * size, output: block * (output.count / blocks) + start,
                        count: size))
            }
            start += size
        }
    }
}

extension Slice: LinearPath {
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        guard let index = try? axis.index(in: output) else { return }
        let blocks = output.dimensions.prefix(index).reduce(1, *)
        let inner = output.dimensions.dropFirst(index + 1).reduce(1, *)
        for block in 0..<blocks {
            body(
                PathRun(
                    input: block * (inputs[0].count / blocks) + start * inner, output: block * (output.count / blocks),
                    count: output.count / blocks))
        }
    }
}

extension Pad: LinearPath {
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        // Rows of the last axis; a vector is one row a channel.
        let (rank, width) = (output.rank, output.rank > 1 ? inputs[0][output.rank - 1] : 1)
        let height = rank > 2 ? inputs[0][1] : 1
        let (outputWidth, outputHeight) = (rank > 1 ? output[rank - 1] : 1, rank > 2 ? output[1] : 1)
        let left = rank > 1 ? amounts(axis: rank - 1).before : 0
        let top = rank > 2 ? amounts(axis: 1).before : 0
        for channel in 0..<inputs[0][0] {
            for row in 0..<height {
                let place = (channel + channels[0]) * outputHeight + row + top
                body(
                    PathRun(
                        input: (channel * height + row) * width, output: place * outputWidth + left, count: width))
            }
        }
    }
}
