package import Networks

extension Concatenate: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    /// Each input is brought to the scale of the output.
    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        guard axis == .channels else {
            throw CompressionError(
                .unsupportedLayer, layer: place.node.name,
                "concatenates along '\(axis.rawValue)'; in int8 only channels can be concatenated")
        }
        return IntegerConcatenate(
            zeroPoints: place.inputs.map { Int32($0.zeroPoint) },
            outputs: place.inputs.map { input in
                IntegerOutputStage([Rescaling(input.scale, to: place.output.scale)], of: place)
            })
    }
}

private struct IntegerConcatenate: IntegerOperation {
    let zeroPoints: [Int32]
    let outputs: [IntegerOutputStage]

    func run(_ inputs: [[Int8]]) -> [Int8] {
        inputs.indices.flatMap { index in
            inputs[index].map { outputs[index](Int32($0) - zeroPoints[index]) }
        }
    }
}
