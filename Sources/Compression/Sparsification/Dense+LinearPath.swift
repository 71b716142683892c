internal import Networks
internal import Tensors

extension Dense: LinearPath {
    func pathWeights(_ parameter: (String) -> [Double]) -> [Double] { parameter("weights").map(abs) }

    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        let count = inputs[0].count
        for unit in 0..<outputs {
            body(
                PathRun(
                    input: 0, output: unit, outputStride: 0, weight: unit * count, weightStride: 1, count: count))
        }
    }
}
