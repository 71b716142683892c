internal import Kernels
package import Tensors

extension GroupNormalization {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        GroupNormalizationOperation(output, groups: groups, epsilon: epsilon)
    }
}

extension LayerNormalization {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        // A vector has one position, and its channels lie as a group does.
        over == .channels && output.positions > 1
            ? PositionNormalizationOperation(output, epsilon: epsilon)
            : GroupNormalizationOperation(output, groups: 1, epsilon: epsilon)
    }
}

/// Groups of channels, example by example; the statistics are kept for the backward pass.
private struct GroupNormalizationOperation: LayerOperation {
    private let kernel: GroupNormalizationKernel
    private let count: Int

    init(_ shape: Shape, groups: Int, epsilon: Double) {
        kernel = GroupNormalizationKernel(
            channels: shape[0], positions: shape.positions, groups: groups, epsilon: epsilon)
        count = shape.count
    }

    var backwardReads: BackwardReads { .inputs }

    func memory(for limits: BatchLimits) -> OperationMemory {
        OperationMemory(kept: limits.examples * kernel.statisticsCount)
    }

    /// Padding is zero, so that it only must not be counted.
    private func valid(_ place: OperationPlace, _ example: Int) -> Int {
        guard let steps = place.inputSteps[0], !steps.isFull else { return kernel.positions }
        return steps[example]
    }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                for example in chunk.first..<chunk.first + chunk.count {
                    kernel.forward(
                        valid: valid(place, example), x: place.inputs[0].pointer + example * count,
                        scale: place.parameters[0], offset: place.parameters[1],
                        statistics: place.kept + example * kernel.statisticsCount,
                        y: place.output.pointer + example * count)
                }
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient else { return [] }
        return [
            .chunks { chunk in
                for example in chunk.first..<chunk.first + chunk.count {
                    kernel.backward(
                        valid: valid(place, example), x: place.inputs[0].pointer + example * count,
                        scale: place.parameters[0], statistics: place.kept + example * kernel.statisticsCount,
                        dy: dy.pointer + example * count,
                        dx: place.inputGradients[0].map { $0.pointer + example * count },
                        dscale: place.gradient(0, chunk: chunk.index), doffset: place.gradient(1, chunk: chunk.index))
                }
            }
        ]
    }
}

/// The channels of each position, example by example; statistics are taken again in the backward pass.
private struct PositionNormalizationOperation: LayerOperation {
    private let kernel: PositionNormalizationKernel
    private let count: Int

    init(_ shape: Shape, epsilon: Double) {
        kernel = PositionNormalizationKernel(channels: shape[0], positions: shape.positions, epsilon: epsilon)
        count = shape.count
    }

    var backwardReads: BackwardReads { .inputs }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                for example in chunk.first..<chunk.first + chunk.count {
                    kernel.forward(
                        x: place.inputs[0].pointer + example * count, scale: place.parameters[0],
                        offset: place.parameters[1], y: place.output.pointer + example * count)
                }
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient else { return [] }
        return [
            .chunks { chunk in
                for example in chunk.first..<chunk.first + chunk.count {
                    kernel.backward(
                        x: place.inputs[0].pointer + example * count, scale: place.parameters[0],
                        dy: dy.pointer + example * count,
                        dx: place.inputGradients[0].map { $0.pointer + example * count },
                        dscale: place.gradient(0, chunk: chunk.index), doffset: place.gradient(1, chunk: chunk.index))
                }
            }
        ]
    }
}
