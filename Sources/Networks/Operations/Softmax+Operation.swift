internal import Kernels
package import Tensors

extension Softmax {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        SoftmaxOperation(channels: output[0], positions: output.positions)
    }
}

private struct SoftmaxOperation: LayerOperation {
    let channels: Int
    let positions: Int

    private var count: Int { channels * positions }

    var backwardReads: BackwardReads { .output }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                ElementKernels.softmaxForward(
                    examples: chunk.count, channels: channels, positions: positions,
                    x: place.inputs[0].pointer + chunk.first * count,
                    y: place.output.pointer + chunk.first * count)
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient, let dx = place.inputGradients[0] else { return [] }
        return [
            .chunks { chunk in
                ElementKernels.softmaxBackward(
                    examples: chunk.count, channels: channels, positions: positions,
                    y: place.output.pointer + chunk.first * count,
                    dy: dy.pointer + chunk.first * count,
                    dx: dx.pointer + chunk.first * count)
            }
        ]
    }
}
