internal import Kernels
package import Tensors

extension SequenceInput {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        SequenceInputOperation(
            kernel: NormalizationKernel(channels: channels, positions: steps), normalization: normalization)
    }
}

/// Normalizes the raw data; there is nothing before it that would need a gradient.
private struct SequenceInputOperation: LayerOperation {
    let kernel: NormalizationKernel
    let normalization: InputNormalization

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        let (kernel, normalization, count) = (kernel, normalization, kernel.channels * kernel.positions)
        return [
            .chunks { chunk in
                let x = place.inputs[0].pointer + chunk.first * count
                let y = place.output.pointer + chunk.first * count
                if normalization == .none {
                    y.update(from: x, count: chunk.count * count)
                } else {
                    kernel.standardize(
                        examples: chunk.count, x: x, mean: place.parameters[0],
                        deviation: normalization == .zscore ? place.parameters[1] : nil, y: y)
                }
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] { [] }
}
