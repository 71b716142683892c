internal import Kernels
package import Tensors

extension Dense {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        DenseOperation(kernel: DenseKernel(inputs: inputs[0][0], outputs: outputs), hasBias: hasBias)
    }
}

private struct DenseOperation: LayerOperation {
    let kernel: DenseKernel
    let hasBias: Bool

    var backwardReads: BackwardReads { .inputs }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        let bias = hasBias ? place.parameters[1] : nil
        return [
            .chunks { chunk in
                kernel.forward(
                    examples: chunk.count, x: place.inputs[0].pointer + chunk.first * kernel.inputs,
                    weights: place.parameters[0], bias: bias,
                    y: place.output.pointer + chunk.first * kernel.outputs)
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient else { return [] }
        return [
            .chunks { chunk in
                kernel.backward(
                    examples: chunk.count, x: place.inputs[0].pointer + chunk.first * kernel.inputs,
                    weights: place.parameters[0], dy: dy.pointer + chunk.first * kernel.outputs,
                    dx: place.inputGradients[0].map { $0.pointer + chunk.first * kernel.inputs },
                    dweights: place.gradient(0, chunk: chunk.index),
                    dbias: hasBias ? place.gradient(1, chunk: chunk.index) : nil)
            }
        ]
    }
}
