internal import Kernels
package import Tensors

extension Add {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation { AddOperation(count: output.count) }
}

private struct AddOperation: LayerOperation {
    let count: Int

    var placement: Placement { .overwriting }
    var backwardReads: BackwardReads { [] }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                let (start, elements) = (chunk.first * count, chunk.count * count)
                let sum = place.output.pointer + start
                ElementKernels.add(
                    count: elements, place.inputs[0].pointer + start, place.inputs[1].pointer + start, to: sum)
                for index in 2..<place.inputs.count {
                    ElementKernels.add(count: elements, sum, place.inputs[index].pointer + start, to: sum)
                }
            }
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient else { return [] }
        return [
            .chunks { chunk in
                let start = chunk.first * count
                for case let dx? in place.inputGradients where dx.pointer != dy.pointer {
                    (dx.pointer + start).update(from: dy.pointer + start, count: chunk.count * count)
                }
            }
        ]
    }
}
