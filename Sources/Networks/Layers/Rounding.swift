internal import Kernels
package import Tensors

/// `y = step round(x / step)`, between two whole numbers of steps: what is left of a value that is stored as an integer.
///
/// Gradients pass as if nothing were rounded, but not where a value was cut off (the straight-through estimator, Bengio et
/// al. 2013). Quantization-aware training puts the layer where a device stores integers; it is no kind of files.
package struct Rounding: Layer {
    package static let kind = "rounding"

    /// Above zero.
    package var step: Float
    /// In steps.
    package var bounds: ClosedRange<Int>

    package init(step: Float, bounds: ClosedRange<Int>) {
        self.step = step
        self.bounds = bounds
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        throw NetworkError(.invalidAttribute, "a layer of kind 'rounding' stands in no file")
    }

    package var attributes: [String: Attribute] {
        ["step": .number(Double(step)), "bounds": .integers([bounds.lowerBound, bounds.upperBound])]
    }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape { inputs[0] }

    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        RoundingOperation(kernel: RoundingKernel(step: step, bounds: bounds), count: output.count)
    }
}

private struct RoundingOperation: LayerOperation {
    let kernel: RoundingKernel
    let count: Int

    var placement: Placement { .overwriting }
    var backwardReads: BackwardReads { .inputs }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                kernel.forward(
                    count: chunk.count * count, x: place.inputs[0].pointer + chunk.first * count,
                    y: place.output.pointer + chunk.first * count)
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient, let dx = place.inputGradients[0] else { return [] }
        return [
            .chunks { chunk in
                kernel.backward(
                    count: chunk.count * count, x: place.inputs[0].pointer + chunk.first * count,
                    dy: dy.pointer + chunk.first * count, dx: dx.pointer + chunk.first * count)
            }
        ]
    }
}
