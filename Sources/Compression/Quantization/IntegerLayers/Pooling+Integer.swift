package import Networks
internal import Tensors

extension MaxPooling1D: IntegerLayer {
    package var outputScale: IntegerOutputScale { .ofInput }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerPooling1D(
            windows: PoolingWindows(size: size, stride: stride, padding: padding, place: place), rule: .largest)
    }
}

extension AveragePooling1D: IntegerLayer {
    package var outputScale: IntegerOutputScale { .ofInput }

    /// The mean of integers as they are, zero point included; padding is not counted.
    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        try place.checkAccumulator(size * 128)
        return IntegerPooling1D(
            windows: PoolingWindows(size: size, stride: stride, padding: padding, place: place),
            rule: place.output.scale.exponent == nil ? .meanHalfAway : .meanHalfUp)
    }
}

/// The elements that each output of a pooling over steps reads.
private struct PoolingWindows: Sendable {
    let steps: Int
    let windows: [Range<Int>]

    init(size: Int, stride: Int, padding: Padding, place: IntegerPlace) {
        let steps = place.inputShapes[0][1]
        let before = padding.amounts(axis: 0, input: steps, window: size, stride: stride, dilation: 1).before
        self.steps = steps
        windows = (0..<place.outputShape[1]).map { step in
            let start = step * stride - before
            return max(0, start)..<min(steps, start + size)
        }
    }
}

private struct IntegerPooling1D: IntegerOperation {
    enum Rule {
        case largest
        /// Halves up, the rule of power-of-two scales.
        case meanHalfUp
        /// Halves away from zero, the rule of TensorFlow Lite.
        case meanHalfAway
    }

    let windows: PoolingWindows
    let rule: Rule

    func run(_ inputs: [[Int8]]) -> [Int8] {
        var result: [Int8] = []
        result.reserveCapacity(inputs[0].count / windows.steps * windows.windows.count)
        for start in stride(from: 0, to: inputs[0].count, by: windows.steps) {
            for window in windows.windows {
                let elements = inputs[0][start + window.lowerBound..<start + window.upperBound]
                let sum = elements.reduce(Int64(0)) { $0 + Int64($1) }
                let count = Int64(elements.count)
                switch rule {
                case .largest: result.append(elements.max() ?? -128)
                case .meanHalfUp: result.append(Int8(Rescaling.roundedHalfUp(sum, count)))
                case .meanHalfAway: result.append(Int8((sum + (sum < 0 ? -count / 2 : count / 2)) / count))
                }
            }
        }
        return result
    }
}
