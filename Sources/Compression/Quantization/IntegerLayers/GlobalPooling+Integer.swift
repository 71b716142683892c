package import Networks
internal import Tensors

extension GlobalMaxPooling: IntegerLayer {
    package var outputScale: IntegerOutputScale { .ofInput }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerGlobalMaxPooling(channels: place.outputShape[0])
    }
}

extension GlobalAveragePooling: IntegerLayer {
    /// A mean over many positions spans far less than what it is the mean of, so it has a scale of its own.
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        let positions = place.inputShapes[0].count / max(1, place.outputShape[0])
        try place.checkAccumulator(positions * place.reach(ofInput: 0))
        return IntegerGlobalAveragePooling(
            channels: place.outputShape[0], zeroPoint: Int32(place.inputs[0].zeroPoint),
            output: IntegerOutputStage(
                [Rescaling(place.inputs[0].scale, dividedBy: positions, to: place.output.scale)], of: place))
    }
}

private struct IntegerGlobalMaxPooling: IntegerOperation {
    let channels: Int

    func run(_ inputs: [[Int8]]) -> [Int8] {
        let positions = inputs[0].count / channels
        return (0..<channels).map { inputs[0][$0 * positions..<($0 + 1) * positions].max() ?? -128 }
    }
}

/// The sum of each channel in 32 bits; the division by the positions is part of the rescaling.
private struct IntegerGlobalAveragePooling: IntegerOperation {
    let channels: Int
    let zeroPoint: Int32
    let output: IntegerOutputStage

    func run(_ inputs: [[Int8]]) -> [Int8] {
        let positions = inputs[0].count / channels
        return (0..<channels).map { channel in
            var sum: Int32 = 0
            for element in inputs[0][channel * positions..<(channel + 1) * positions] {
                sum &+= Int32(element) &- zeroPoint
            }
            return output(sum)
        }
    }
}
