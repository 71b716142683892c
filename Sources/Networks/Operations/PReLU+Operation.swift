internal import Kernels
package import Tensors

extension PReLU {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        PReLUOperation(kernel: PReLUKernel(channels: output[0], positions: output.positions), count: output.count)
    }
}

private struct PReLUOperation: LayerOperation {
    let kernel: PReLUKernel
    let count: Int

    var backwardReads: BackwardReads { .inputs }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                kernel.forward(
                    examples: chunk.count, x: place.inputs[0].pointer + chunk.first * count,
                    slope: place.parameters[0], y: place.output.pointer + chunk.first * count)
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient else { return [] }
        return [
            .chunks { chunk in
                kernel.backward(
                    examples: chunk.count, x: place.inputs[0].pointer + chunk.first * count,
                    slope: place.parameters[0], dy: dy.pointer + chunk.first * count,
                    dx: place.inputGradients[0].map { $0.pointer + chunk.first * count },
                    dslope: place.gradient(0, chunk: chunk.index))
            }
        ]
    }
}
