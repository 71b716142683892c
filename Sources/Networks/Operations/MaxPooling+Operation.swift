internal import Kernels
package import Tensors

extension MaxPooling1D {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        let before = padding.amounts(axis: 0, input: inputs[0][1], window: size, stride: stride, dilation: 1).before
        return MaxPoolingOperation(
            kernel: PoolingKernel1D(
                steps: inputs[0][1], size: size, stride: stride, before: before, outputSteps: output[1]),
            channels: output[0], inputCount: inputs[0].count, outputCount: output.count)
    }
}

extension GlobalMaxPooling {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        MaxPoolingOperation(
            kernel: PoolingKernel1D(global: inputs[0].count / max(1, output.count)), channels: output[0],
            inputCount: inputs[0].count, outputCount: output.count)
    }
}

/// The backward pass looks for the largest elements again, so that nothing is kept.
private struct MaxPoolingOperation: LayerOperation {
    let kernel: PoolingKernel1D
    let channels: Int
    let inputCount: Int
    let outputCount: Int

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                kernel.maxForward(
                    rows: chunk.count * channels, x: place.inputs[0].pointer + chunk.first * inputCount,
                    y: place.output.pointer + chunk.first * outputCount)
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient else { return [] }
        return [
            .chunks { chunk in
                kernel.maxBackward(
                    rows: chunk.count * channels, x: place.inputs[0].pointer + chunk.first * inputCount,
                    dy: dy.pointer + chunk.first * outputCount,
                    dx: place.inputGradients[0].pointer + chunk.first * inputCount)
            }
        ]
    }
}
