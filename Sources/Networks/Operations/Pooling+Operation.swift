internal import Kernels
package import Tensors

extension Pooling1D {
    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        let before = padding.amounts(axis: 0, input: inputs[0][1], window: size, stride: stride, dilation: 1).before
        return PoolingOperation(
            rule: Self.rule,
            kernel: PoolingKernel1D(
                steps: inputs[0][1], size: size, stride: stride, before: before, outputSteps: output[1]),
            channels: output[0], inputCount: inputs[0].count, outputCount: output.count
        ) { steps, outputSteps in
            PoolingKernel1D(steps: steps, size: size, stride: stride, before: before, outputSteps: outputSteps)
        }
    }
}

extension GlobalPooling {
    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        PoolingOperation(
            rule: Self.rule, kernel: PoolingKernel1D(global: inputs[0].count / max(1, output.count)),
            channels: output[0], inputCount: inputs[0].count, outputCount: output.count
        ) { steps, _ in PoolingKernel1D(global: steps) }
    }
}

private struct PoolingOperation: LayerOperation {
    let rule: PoolingRule
    let kernel: PoolingKernel1D
    let channels: Int
    let inputCount: Int
    let outputCount: Int
    /// The kernel for a sequence of fewer steps: padding never wins and never counts.
    let shorter: (_ steps: Int, _ outputSteps: Int) -> PoolingKernel1D

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                if let steps = place.inputSteps[0], !steps.isFull {
                    return forEachRow(of: chunk, steps, place) { kernel, x, y in
                        kernel.forward(
                            rule, rows: 1, x: place.inputs[0].pointer + x, y: place.output.pointer + y)
                    }
                }
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
                if let steps = place.inputSteps[0], !steps.isFull {
                    return forEachRow(of: chunk, steps, place) { kernel, x, y in
                        kernel.backward(
                            rule, rows: 1, x: place.inputs[0].pointer + x, dy: dy.pointer + y,
                            dx: dx.pointer + x)
                    }
                }
                kernel.backward(
                    rule, rows: chunk.count * channels, x: place.inputs[0].pointer + chunk.first * inputCount,
                    dy: dy.pointer + chunk.first * outputCount,
                    dx: dx.pointer + chunk.first * inputCount)
            }
        ]
    }

    /// Calls the body for each channel of each example with a kernel of its length, and where its row starts.
    private func forEachRow(
        of chunk: Chunk, _ steps: StepCounts, _ place: OperationPlace, _ body: (PoolingKernel1D, Int, Int) -> Void
    ) {
        for example in chunk.first..<chunk.first + chunk.count {
            let kernel = shorter(steps[example], place.outputSteps?[example] ?? 1)
            for channel in 0..<channels {
                body(
                    kernel, example * inputCount + channel * (inputCount / channels),
                    example * outputCount + channel * (outputCount / channels))
            }
        }
    }
}
