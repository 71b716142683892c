internal import Kernels
package import Tensors

extension Combination {
    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        let channels = output.rank == 0 ? 1 : output[0]
        return CombinationOperation(
            rule: Self.rule, channels: channels, positions: output.count / max(1, channels),
            isBroadcast: inputs.map { $0.count != output.count })
    }
}

/// The output is combined input by input, in their order.
///
/// The gradient of an input is that of the output: as it is for a sum, negated for what is subtracted, and times all
/// other inputs for a product; summed over positions for an input of one element a channel.
private struct CombinationOperation: LayerOperation {
    let rule: CombinationRule
    let channels: Int
    let positions: Int
    let isBroadcast: [Bool]

    private var count: Int { channels * positions }

    var placement: Placement { rule == .sum && !isBroadcast.contains(true) ? .overwriting : .apart }
    var backwardReads: BackwardReads { rule == .product ? .inputs : [] }

    /// One example's gradient before it is summed over positions.
    func memory(for limits: BatchLimits) -> OperationMemory {
        OperationMemory(scratch: isBroadcast.contains(true) ? count : 0)
    }

    private func operand(_ place: OperationPlace, _ index: Int, example: Int) -> CombinationKernel.Operand {
        CombinationKernel.Operand(
            place.inputs[index].pointer + example * (isBroadcast[index] ? channels : count),
            isBroadcast: isBroadcast[index])
    }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                let (rows, y) = (chunk.count * channels, place.output.pointer + chunk.first * count)
                CombinationKernel.apply(
                    rule, rows: rows, positions: positions, operand(place, 0, example: chunk.first),
                    operand(place, 1, example: chunk.first), to: y)
                for index in 2..<isBroadcast.count {
                    CombinationKernel.apply(
                        rule, rows: rows, positions: positions, CombinationKernel.Operand(y),
                        operand(place, index, example: chunk.first), to: y)
                }
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient else { return [] }
        return [
            .chunks { chunk in
                for index in isBroadcast.indices {
                    guard let dx = place.inputGradients[index] else { continue }
                    for example in chunk.first..<chunk.first + chunk.count {
                        let gradient = dy.pointer + example * count
                        if isBroadcast[index] {
                            setGradient(of: index, example, place, from: gradient, to: chunk.scratch)
                            CombinationKernel.rowSums(
                                rows: channels, positions: positions, chunk.scratch,
                                to: dx.pointer + example * channels)
                        } else {
                            setGradient(
                                of: index, example, place, from: gradient, to: dx.pointer + example * count)
                        }
                    }
                }
            }
        ]
    }

    /// One example's gradient of an input at every position.
    private func setGradient(
        of index: Int, _ example: Int, _ place: OperationPlace, from gradient: Floats, to target: Floats
    ) {
        switch rule {
        case .sum:
            if target != gradient { target.update(from: gradient, count: count) }
        case .difference:
            for element in 0..<count { target[element] = index == 0 ? gradient[element] : -gradient[element] }
        case .product:
            var source = gradient
            for other in isBroadcast.indices where other != index {
                CombinationKernel.apply(
                    .product, rows: channels, positions: positions, CombinationKernel.Operand(source),
                    operand(place, other, example: example), to: target)
                source = target
            }
        }
    }
}
