internal import Kernels
package import Tensors

extension ReLU {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        ReLUOperation(count: output.count)
    }
}

private struct ReLUOperation: LayerOperation {
    let count: Int

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                ElementKernels.reluForward(
                    count: chunk.count * count, x: place.inputs[0].pointer + chunk.first * count,
                    y: place.output.pointer + chunk.first * count)
            }
        ]
    }

    /// The gradient at zero is zero.
    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient, let dx = place.inputGradients[0] else { return [] }
        return [
            .chunks { chunk in
                ElementKernels.reluBackward(
                    count: chunk.count * count, x: place.inputs[0].pointer + chunk.first * count,
                    dy: dy.pointer + chunk.first * count,
                    dx: dx.pointer + chunk.first * count)
            }
        ]
    }
}
