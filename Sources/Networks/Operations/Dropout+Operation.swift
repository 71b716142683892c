internal import Kernels
package import Tensors

extension Dropout {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        DropoutOperation(probability: probability, count: output.count)
    }
}

/// The backward pass draws the same numbers again, so that nothing is kept.
private struct DropoutOperation: LayerOperation {
    let probability: Double
    let count: Int

    var placement: Placement { .overwriting }
    var backwardReads: BackwardReads { [] }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [pass(place, mode, from: place.inputs[0], to: place.output)]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient, let dx = place.inputGradients[0] else { return [] }
        return [pass(place, mode, from: dy, to: dx)]
    }

    private func pass(
        _ place: OperationPlace, _ mode: OperationMode, from source: FloatBuffer, to target: FloatBuffer
    ) -> Pass {
        let kernel = DropoutKernel(probability: probability, stream: "dropout/\(place.name)")
        return .chunks { chunk in
            let (x, y) = (source.pointer + chunk.first * count, target.pointer + chunk.first * count)
            switch mode {
            case .inference: if x != y { y.update(from: x, count: chunk.count * count) }
            case .training:
                kernel.apply(
                    first: chunk.first, examples: chunk.count, count: count, seed: chunk.batch.dropoutSeed,
                    step: chunk.batch.step, x: x, y: y)
            }
        }
    }
}
