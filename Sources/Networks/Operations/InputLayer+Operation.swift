internal import Kernels
package import Tensors

extension InputLayer {
    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        InputOperation(
            kernel: NormalizationKernel(channels: channels, positions: output.positions), normalization: normalization)
    }
}

/// Normalizes the raw data; there is nothing before it that would need a gradient.
private struct InputOperation: LayerOperation {
    let kernel: NormalizationKernel
    let normalization: InputNormalization

    /// Where a rescaled channel has its zero and its one.
    func memory(for limits: BatchLimits) -> OperationMemory { OperationMemory(scratch: 2 * kernel.channels) }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        let (kernel, normalization, count) = (kernel, normalization, kernel.channels * kernel.positions)
        return [
            .chunks { chunk in
                let x = place.inputs[0].pointer + chunk.first * count
                let y = place.output.pointer + chunk.first * count
                let (mean, deviation): (Floats, Floats?)
                switch normalization {
                case .none: return y.update(from: x, count: chunk.count * count)
                case .zerocenter: (mean, deviation) = (place.parameters[0], nil)
                case .zscore: (mean, deviation) = (place.parameters[0], place.parameters[1])
                case .rescaleZeroOne, .rescaleSymmetric:
                    (mean, deviation) = (chunk.scratch, chunk.scratch + kernel.channels)
                    for channel in 0..<kernel.channels {
                        let (least, most) = (place.parameters[0][channel], place.parameters[1][channel])
                        let isSymmetric = normalization == .rescaleSymmetric
                        let extent = isSymmetric ? most / 2 - least / 2 : most - least
                        chunk.scratch[channel] = isSymmetric ? least + extent : least
                        chunk.scratch[kernel.channels + channel] = extent > 0 ? extent : 1
                    }
                }
                kernel.standardize(examples: chunk.count, x: x, mean: mean, deviation: deviation, y: y)
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] { [] }
}
