internal import Networks
internal import Tensors

/// Each channel times a weight of its own: means and offsets are left out.
private func forEachChannel(_ shape: Shape, _ body: (PathRun) -> Void) {
    let positions = shape.count / shape[0]
    for channel in 0..<shape[0] {
        let start = channel * positions
        body(PathRun(input: start, output: start, weight: channel, count: positions))
    }
}

extension BatchNormalization: LinearPath {
    /// `|scale| / sqrt(variance + epsilon)`.
    func pathWeights(_ parameter: (String) -> [Double]) -> [Double] {
        zip(parameter("scale"), parameter("variance")).map { abs($0) / ($1 + epsilon).squareRoot() }
    }

    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) { forEachChannel(output, body) }
}

extension LayerNormalization: LinearPath {
    /// Its deviations are those of examples, of which there are none.
    func pathWeights(_ parameter: (String) -> [Double]) -> [Double] { parameter("scale").map(abs) }
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) { forEachChannel(output, body) }
}

extension GroupNormalization: LinearPath {
    func pathWeights(_ parameter: (String) -> [Double]) -> [Double] { parameter("scale").map(abs) }
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) { forEachChannel(output, body) }
}
