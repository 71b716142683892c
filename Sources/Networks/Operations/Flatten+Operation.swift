internal import Kernels
package import Tensors

extension Flatten {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        ShapeOperation(count: output.count)
    }
}

extension Reshape {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        ShapeOperation(count: output.count)
    }
}

/// Elements lie in the right order already.
private struct ShapeOperation: LayerOperation {
    let count: Int

    var placement: Placement { .unchanged }
    var backwardReads: BackwardReads { [] }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        copy(from: place.inputs[0], to: place.output)
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient, let dx = place.inputGradients[0] else { return [] }
        return copy(from: dy, to: dx)
    }

    private func copy(from source: FloatBuffer, to target: FloatBuffer) -> [Pass] {
        guard source.pointer != target.pointer else { return [] }
        return [
            .chunks { chunk in
                (target.pointer + chunk.first * count).update(
                    from: source.pointer + chunk.first * count, count: chunk.count * count)
            }
        ]
    }
}
