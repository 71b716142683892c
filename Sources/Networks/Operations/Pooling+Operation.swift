internal import Kernels
package import Tensors

extension Pooling1D {
    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        let before = padding.amounts(axis: 0, input: inputs[0][1], window: size, stride: stride, dilation: 1).before
        return PoolingOperation(
            rule: Self.rule,
            kernel: PoolingKernel1D(
                steps: inputs[0][1], size: size, stride: stride, before: before, outputSteps: output[1]),
            channels: output[0], inputCount: inputs[0].count, outputCount: output.count)
    }
}

extension GlobalPooling {
    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        PoolingOperation(
            rule: Self.rule, kernel: PoolingKernel1D(global: inputs[0].count / max(1, output.count)),
            channels: output[0], inputCount: inputs[0].count, outputCount: output.count)
    }
}

private struct PoolingOperation: LayerOperation {
    let rule: PoolingRule
    let kernel: PoolingKernel1D
    let channels: Int
    let inputCount: Int
    let outputCount: Int

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                kernel.forward(
                    rule, rows: chunk.count * channels, x: place.inputs[0].pointer + chunk.first * inputCount,
                    y: place.output.pointer + chunk.first * outputCount)
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient, let dx = place.inputGradients[0] else { return [] }
        return [
            .chunks { chunk in
                kernel.backward(
                    rule, rows: chunk.count * channels, x: place.inputs[0].pointer + chunk.first * inputCount,
                    dy: dy.pointer + chunk.first * outputCount,
                    dx: dx.pointer + chunk.first * inputCount)
            }
        ]
    }
}
