internal import Kernels
package import Tensors

extension Concatenate {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        ConcatenateOperation(counts: inputs.map(\.count), outputCount: output.count)
    }
}

/// Channels come first, so that each input is one run of each output example.
private struct ConcatenateOperation: LayerOperation {
    let counts: [Int]
    let outputCount: Int

    var backwardReads: BackwardReads { [] }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        [
            .chunks { chunk in
                for example in chunk.first..<chunk.first + chunk.count {
                    var target = place.output.pointer + example * outputCount
                    for index in 0..<counts.count {
                        target.update(
                            from: place.inputs[index].pointer + example * counts[index], count: counts[index])
                        target += counts[index]
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
                    var source = dy.pointer + example * outputCount
                    for index in 0..<counts.count {
                        if let dx = place.inputGradients[index] {
                            (dx.pointer + example * counts[index]).update(from: source, count: counts[index])
                        }
                        source += counts[index]
                    }
                }
            }
        ]
    }
}
