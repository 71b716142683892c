internal import Kernels
package import Tensors

extension Concatenate {
    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        let index = try axis.index(in: output)
        let zero = Array(repeating: 0, count: output.rank)
        var origin = zero
        var copies: [BlockCopy] = []
        for input in inputs {
            copies.append(BlockCopy(input, from: input, at: zero, to: output, at: origin))
            origin[index] += input[index]
        }
        return ConcatenateOperation(
            copies: copies, counts: inputs.map(\.count), outputCount: output.count,
            lengths: axis == .steps ? inputs.map { $0[1] } : [])
    }
}

/// Each input is one block of the output.
private struct ConcatenateOperation: LayerOperation {
    let copies: [BlockCopy]
    let counts: [Int]
    let outputCount: Int
    /// The steps of each input, if steps follow steps.
    let lengths: [Int]

    var backwardReads: BackwardReads { [] }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                for example in chunk.first..<chunk.first + chunk.count {
                    forEachBlock(of: example, place) { index, copy in
                        copy.run(
                            from: place.inputs[index].pointer + example * counts[index],
                            to: place.output.pointer + example * outputCount)
                    }
                }
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient else { return [] }
        return [
            .chunks { chunk in
                for example in chunk.first..<chunk.first + chunk.count {
                    forEachBlock(of: example, place) { index, copy in
                        guard let dx = place.inputGradients[index] else { return }
                        copy.reversed.run(
                            from: dy.pointer + example * outputCount, to: dx.pointer + example * counts[index])
                    }
                }
            }
        ]
    }

    /// The blocks as they lie in one example: where steps follow steps, the valid ones of each sequence follow those
    /// before.
    private func forEachBlock(of example: Int, _ place: OperationPlace, _ body: (Int, BlockCopy) -> Void) {
        var missing = 0
        for index in copies.indices {
            guard !lengths.isEmpty, let steps = place.inputSteps[index], !steps.isFull else {
                body(index, copies[index].first(nil, movedBy: -missing))
                continue
            }
            let valid = steps[example]
            body(index, copies[index].first(valid, movedBy: -missing))
            missing += lengths[index] - valid
        }
    }
}
