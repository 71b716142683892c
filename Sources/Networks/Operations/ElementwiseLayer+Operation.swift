internal import Kernels
package import Tensors

extension ElementwiseLayer {
    package func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
        ElementwiseOperation(function: function, count: output.count)
    }
}

private struct ElementwiseOperation: LayerOperation {
    let function: ElementFunction
    let count: Int

    var placement: Placement { .overwriting }
    var backwardReads: BackwardReads { function.slopeIsOfOutput ? .output : .inputs }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                function.forward(
                    count: chunk.count * count, x: place.inputs[0].pointer + chunk.first * count,
                    y: place.output.pointer + chunk.first * count)
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient, let dx = place.inputGradients[0] else { return [] }
        return [
            .chunks { chunk in
                function.backward(
                    count: chunk.count * count, x: place.inputs[0].pointer + chunk.first * count,
                    y: place.output.pointer + chunk.first * count, dy: dy.pointer + chunk.first * count,
                    dx: dx.pointer + chunk.first * count)
            }
        ]
    }
}
