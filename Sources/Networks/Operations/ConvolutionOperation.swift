internal import Kernels
package import Tensors

/// Convolution of any kind.
///
/// A transposed one runs the kernel of its adjoint the other way round: what it computes is the gradient of that
/// kernel's input.
private struct ConvolutionOperation: LayerOperation {
    let kernel: ConvolutionKernel
    let isTransposed: Bool
    let input: Shape
    let output: Shape
    let hasBias: Bool

    var backwardReads: BackwardReads { .inputs }

    func memory(for limits: BatchLimits) -> OperationMemory { OperationMemory(scratch: kernel.scratchCount) }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        let weights = place.parameters[0]
        let bias = hasBias ? place.parameters[1] : nil
        return [
            .chunks { chunk in
                let (x, y) = (start(of: place.inputs[0], input, chunk), start(of: place.output, output, chunk))
                if isTransposed {
                    kernel.inputGradient(
                        examples: chunk.count, dy: x, weights: weights, bias: bias, dx: y, scratch: chunk.scratch)
                } else {
                    kernel.forward(
                        examples: chunk.count, x: x, weights: weights, bias: bias, y: y, scratch: chunk.scratch)
                }
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let outputGradient = place.outputGradient else { return [] }
        let weights = place.parameters[0]
        return [
            .chunks { chunk in
                let x = start(of: place.inputs[0], input, chunk)
                let dy = start(of: outputGradient, output, chunk)
                kernel.addWeightGradient(
                    examples: chunk.count, x: isTransposed ? dy : x, dy: isTransposed ? x : dy,
                    dweights: place.gradient(0, chunk: chunk.index), scratch: chunk.scratch)
                if hasBias {
                    ConvolutionKernel.addBiasGradient(
                        examples: chunk.count, planes: output[0], positions: output.count / output[0], dy: dy,
                        dbias: place.gradient(1, chunk: chunk.index))
                }
                guard let inputGradient = place.inputGradients[0] else { return }
                let dx = start(of: inputGradient, input, chunk)
                if isTransposed {
                    kernel.forward(
                        examples: chunk.count, x: dy, weights: weights, bias: nil, y: dx, scratch: chunk.scratch)
                } else {
                    kernel.inputGradient(
                        examples: chunk.count, dy: dy, weights: weights, dx: dx, scratch: chunk.scratch)
                }
            }
        ]
    }

    private func start(of buffer: FloatBuffer, _ shape: Shape, _ chunk: Chunk) -> Floats {
        buffer.pointer + chunk.first * shape.count
    }
}

// MARK: - From layers

extension ConvolutionLayer {
    /// - Parameter axis: Input and output length of an axis to its geometry.
    fileprivate func convolution(
        _ input: Shape, _ output: Shape, _ axis: (Int, Int, Int) -> ConvolutionKernel.Axis
    ) -> any LayerOperation {
        ConvolutionOperation(
            kernel: ConvolutionKernel(
                channels: input[0], filters: filters, groups: groups,
                axes: window.indices.map { axis($0, input[$0 + 1], output[$0 + 1]) }),
            isTransposed: false, input: input, output: output, hasBias: hasBias)
    }

    fileprivate func transposed(
        _ input: Shape, _ output: Shape, stride: [Int], cropping: Padding
    ) -> any LayerOperation {
        let axes = window.indices.map { axis in
            let before = cropping.amounts(
                axis: axis, input: output[axis + 1], window: window[axis], stride: stride[axis], dilation: 1
            ).before
            return ConvolutionKernel.Axis(
                input: output[axis + 1], output: input[axis + 1], window: window[axis], stride: stride[axis],
                dilation: 1, before: before)
        }
        return ConvolutionOperation(
            kernel: ConvolutionKernel(
                channels: filters, filters: input[0], groups: groups, axes: axes, weights: .channelsFirst),
            isTransposed: true, input: input, output: output, hasBias: hasBias)
    }
}

extension Padding {
    fileprivate func axis(
        _ axis: Int, _ input: Int, _ output: Int, window: Int, stride: Int, dilation: Int
    ) -> ConvolutionKernel.Axis {
        let before = amounts(axis: axis, input: input, window: window, stride: stride, dilation: dilation).before
        return ConvolutionKernel.Axis(
            input: input, output: output, window: window, stride: stride, dilation: dilation, before: before)
    }
}

extension Convolution1D {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        convolution(inputs[0], output) { axis, input, output in
            padding.axis(axis, input, output, window: filterSize, stride: stride, dilation: dilation)
        }
    }
}

extension Convolution2D {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        convolution(inputs[0], output) { axis, input, output in
            padding.axis(
                axis, input, output, window: filterSize[axis], stride: stride[axis], dilation: dilation[axis])
        }
    }
}

extension TransposedConvolution1D {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        transposed(inputs[0], output, stride: [stride], cropping: cropping)
    }
}

extension TransposedConvolution2D {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        transposed(inputs[0], output, stride: stride, cropping: cropping)
    }
}
