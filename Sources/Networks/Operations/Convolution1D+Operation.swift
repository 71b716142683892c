internal import Kernels
package import Tensors

extension Convolution1D {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        let (channels, steps) = (inputs[0][0], inputs[0][1])
        let before = padding.amounts(
            axis: 0, input: steps, window: filterSize, stride: stride, dilation: dilation
        ).before
        return Convolution1DOperation(
            kernel: ConvolutionKernel1D(
                channels: channels, steps: steps, filters: filters, size: filterSize, stride: stride,
                dilation: dilation, before: before, outputSteps: output[1]),
            inputCount: inputs[0].count, outputCount: output.count, hasBias: hasBias)
    }
}

private struct Convolution1DOperation: LayerOperation {
    let kernel: ConvolutionKernel1D
    let inputCount: Int
    let outputCount: Int
    let hasBias: Bool

    var backwardReads: BackwardReads { .inputs }

    func memory(for limits: BatchLimits) -> OperationMemory { OperationMemory(scratch: kernel.scratchCount) }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        let bias = hasBias ? place.parameters[1] : nil
        return [
            .chunks { chunk in
                kernel.forward(
                    examples: chunk.count, x: place.inputs[0].pointer + chunk.first * inputCount,
                    weights: place.parameters[0], bias: bias, y: place.output.pointer + chunk.first * outputCount,
                    scratch: chunk.scratch)
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient else { return [] }
        return [
            .chunks { chunk in
                kernel.backward(
                    examples: chunk.count, x: place.inputs[0].pointer + chunk.first * inputCount,
                    weights: place.parameters[0], dy: dy.pointer + chunk.first * outputCount,
                    dx: place.inputGradients[0].map { $0.pointer + chunk.first * inputCount },
                    dweights: place.gradient(0, chunk: chunk.index),
                    dbias: hasBias ? place.gradient(1, chunk: chunk.index) : nil, scratch: chunk.scratch)
            }
        ]
    }
}
