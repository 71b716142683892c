internal import Kernels
package import Tensors

extension WindowPooling {
    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        let axes = sizes.indices.map { axis in
            PoolingKernel.Axis(
                extent: inputs[0][axis + 1], size: sizes[axis], stride: strides[axis],
                before: padding.amounts(
                    axis: axis, input: inputs[0][axis + 1], window: sizes[axis], stride: strides[axis], dilation: 1
                ).before, output: output[axis + 1])
        }
        let kernel =
            axes.count == 1 ? PoolingKernel(columns: axes[0]) : PoolingKernel(rows: axes[0], columns: axes[1])
        return PoolingOperation(
            rule: Self.rule, kernel: kernel, channels: output[0], inputCount: inputs[0].count,
            outputCount: output.count)
    }
}

extension GlobalPooling {
    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        PoolingOperation(
            rule: Self.rule, kernel: PoolingKernel(columns: PoolingKernel.Axis(whole: inputs[0].positions)),
            channels: output[0], inputCount: inputs[0].count, outputCount: output.count)
    }
}

/// Of sequences of unequal length only the valid steps win or count.
private struct PoolingOperation: LayerOperation {
    let rule: PoolingRule
    let kernel: PoolingKernel
    let channels: Int
    let inputCount: Int
    let outputCount: Int

    var backwardReads: BackwardReads { rule == .largest ? .inputs : [] }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                forEachRun(of: chunk, place) { first, count, valid in
                    kernel.forward(
                        rule, valid: valid, images: count * channels, x: place.inputs[0].pointer + first * inputCount,
                        y: place.output.pointer + first * outputCount)
                }
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient, let dx = place.inputGradients[0] else { return [] }
        return [
            .chunks { chunk in
                forEachRun(of: chunk, place) { first, count, valid in
                    kernel.backward(
                        rule, valid: valid, images: count * channels, x: place.inputs[0].pointer + first * inputCount,
                        dy: dy.pointer + first * outputCount, dx: dx.pointer + first * inputCount)
                }
            }
        ]
    }

    /// The examples of a chunk: all at once, or one by one with the steps that count.
    private func forEachRun(
        of chunk: Chunk, _ place: OperationPlace, _ body: (_ first: Int, _ count: Int, _ valid: Int?) -> Void
    ) {
        guard let steps = place.inputSteps[0], !steps.isFull else { return body(chunk.first, chunk.count, nil) }
        for example in chunk.first..<chunk.first + chunk.count { body(example, 1, steps[example]) }
    }
}
