internal import Networks
internal import Tensors

/// What a layer does to a signal of positive numbers when its weights are positive and all else is left out: a sum of
/// runs of equal steps.
///
/// Forward and backward are both made of the same runs, see ``SynapticFlow``. A layer without a conformance passes its
/// input on as it is.
protocol LinearPath: Layer {
    /// The weights that runs name by their index, without their signs.
    ///
    /// Those of the learnables of two and more axes come first, in the order of their rows.
    ///
    /// - Parameter parameter: Looks up the elements of one of the layer's parameters.
    func pathWeights(_ parameter: (String) -> [Double]) -> [Double]

    /// Hands over the runs in a fixed order.
    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void)
}

/// `y[output + i * outputStride] += factor * weights[weight + i * weightStride] * x[input + i * inputStride]` for each `i`
/// below `count`; without a weight, the factor alone.
struct PathRun {
    /// Which of the layer's inputs `x` is.
    var source = 0
    var input: Int
    var inputStride = 1
    var output: Int
    var outputStride = 1
    var weight: Int?
    var weightStride = 0
    var factor = 1.0
    var count: Int
}

extension LinearPath {
    func pathWeights(_ parameter: (String) -> [Double]) -> [Double] { [] }
}

extension Layer {
    /// Hands over the runs of any layer.
    func forEachPathRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        if let path = self as? any LinearPath {
            path.forEachRun(inputs: inputs, output: output, body)
        } else {
            body(PathRun(input: 0, output: 0, count: output.count))
        }
    }
}
