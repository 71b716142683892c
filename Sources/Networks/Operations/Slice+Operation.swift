internal import Kernels
package import Tensors

extension Slice {
    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        var origin = Array(repeating: 0, count: output.rank)
        origin[try axis.index(in: inputs[0])] = start
        let zero = Array(repeating: 0, count: output.rank)
        return PlacingOperation(
            copy: BlockCopy(output, from: inputs[0], at: origin, to: output, at: zero), inputCount: inputs[0].count,
            outputCount: output.count)
    }
}

extension Pad {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        let zero = Array(repeating: 0, count: output.rank)
        return PlacingOperation(
            copy: BlockCopy(
                inputs[0], from: inputs[0], at: zero, to: output, at: zero.indices.map { amounts(axis: $0).before }),
            inputCount: inputs[0].count, outputCount: output.count)
    }
}

/// One block of the input that is one block of the output; what is not in the block is zero.
private struct PlacingOperation: LayerOperation {
    let copy: BlockCopy
    let inputCount: Int
    let outputCount: Int

    var backwardReads: BackwardReads { [] }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [pass(copy, from: place.inputs[0], inputCount, to: place.output, outputCount)]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient, let dx = place.inputGradients[0] else { return [] }
        return [pass(copy.reversed, from: dy, outputCount, to: dx, inputCount)]
    }

    private func pass(
        _ copy: BlockCopy, from source: FloatBuffer, _ sourceCount: Int, to target: FloatBuffer, _ targetCount: Int
    ) -> Pass {
        .chunks { chunk in
            for example in chunk.first..<chunk.first + chunk.count {
                let y = target.pointer + example * targetCount
                if targetCount > sourceCount { y.update(repeating: 0, count: targetCount) }
                copy.run(from: source.pointer + example * sourceCount, to: y)
            }
        }
    }
}
