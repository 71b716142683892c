package import Networks

extension Dense: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        try place.checkAccumulators(rows: outputs)
        return IntegerDense(
            zeroPoint: Int32(place.inputs[0].zeroPoint), weights: place.int8s("weights").map(Int32.init),
            bias: place.int32s("bias", count: outputs),
            output: place.weightedOutput)
    }
}

/// `sum over i of w[o, i] * (x[i] - zeroPoint) + bias[o]` in 32 bits, rescaled.
private struct IntegerDense: IntegerOperation {
    let zeroPoint: Int32
    let weights: [Int32]
    let bias: [Int32]
    let output: IntegerOutputStage

    func run(_ inputs: [[Int8]]) -> [Int8] {
        let input = inputs[0].map { Int32($0) &- zeroPoint }
        return bias.indices.map { unit in
            var sum = bias[unit]
            let row = unit * input.count
            for index in input.indices { sum &+= weights[row &+ index] &* input[index] }
            return output(sum, channel: unit)
        }
    }
}
