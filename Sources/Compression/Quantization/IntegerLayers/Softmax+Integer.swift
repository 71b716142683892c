internal import Kernels
package import Networks
internal import Tensors

extension Softmax: IntegerLayer {
    package var outputScale: IntegerOutputScale { .fixed(.probabilities) }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerSoftmax(channels: place.outputShape[0], step: place.inputs[0].step)
    }
}

/// Class probabilities in steps of 1/256, over the channels of each position.
///
/// `exp(-d * step) = 2^-t` with `t = d * step * log2(e)` in 30 fraction bits, where `d` is how far an integer is below
/// the largest. The whole part of `t` is a shift; `2^-f` of the fraction is a polynomial of degree 6 about one half,
/// wrong by less than 2e-7. The last division rounds halves up.
private struct IntegerSoftmax: IntegerOperation {
    private let channels: Int
    /// `step * log2(e)` in 30 fraction bits; so large a step that it saturates leaves one class.
    private let rate: Int64

    init(channels: Int, step: Double) {
        self.channels = channels
        rate = Int64(min((step * 1.442_695_040_888_963_4 * 0x1p30).rounded(), 0x1p52))
    }

    func run(_ inputs: [[Int8]]) -> [Int8] {
        let positions = inputs[0].count / channels
        guard positions > 1 else { return probabilities(inputs[0]) }
        var result = inputs[0]
        for position in 0..<positions {
            let column = (0..<channels).map { inputs[0][$0 * positions + position] }
            for (channel, value) in probabilities(column).enumerated() {
                result[channel * positions + position] = value
            }
        }
        return result
    }

    private func probabilities(_ logits: [Int8]) -> [Int8] {
        let largest = Int64(logits.max() ?? 0)
        let exponentials = logits.map { Self.exponential(base2: (largest - Int64($0)) * rate) }
        let sum = exponentials.reduce(0, +)
        return exponentials.map { Int8(min(127, Rescaling.roundedHalfUp($0 << 8, sum) - 128)) }
    }

    /// `2^-t`, both in 30 fraction bits; 2^30 at zero.
    private static func exponential(base2 exponent: Int64) -> Int64 {
        let whole = exponent >> 30
        guard whole < 31 else { return 0 }
        let offset = (exponent & (1 << 30 - 1)) - 1 << 29
        var value = coefficients[6]
        for degree in stride(from: 5, through: 0, by: -1) {
            value = coefficients[degree] + (value * offset) >> 30
        }
        return value >> whole
    }

    /// `2^(-1/2) * (-ln 2)^k / k!` in 30 fraction bits.
    private static let coefficients: [Int64] = [
        759_250_125, -526_272_083, 182_392_005, -42_141_501, 7_302_566, -1_012_351, 116_951,
    ]
}
