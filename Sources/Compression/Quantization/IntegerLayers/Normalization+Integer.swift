internal import Kernels
package import Networks
package import Tensors

/// Normalization of each example by itself, with mean and variance in 64-bit integers.
///
/// For n integers x with the sum S and the sum of squares Q, `(x - mean) / deviation` is `(n x - S) / sqrt(V)` with
/// `V = n Q - S^2 + n^2 epsilon / step^2`. The reciprocal of the root has 30 bits; the normalized number is rounded to
/// 10 fraction bits and saturated to 16, then multiplied with an int8 factor and added to an offset, a channel each.
private let fractionBits = 10

extension LayerNormalization: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerParameters(inputs: [Shape]) -> [IntegerParameter] { factorsAndOffsets(inputs[0][0]) }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerNormalization(in: place, groups: over == .all ? 1 : nil, epsilon: epsilon)
    }
}

extension GroupNormalization: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerParameters(inputs: [Shape]) -> [IntegerParameter] { factorsAndOffsets(inputs[0][0]) }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerNormalization(in: place, groups: groups, epsilon: epsilon)
    }
}

private func factorsAndOffsets(_ channels: Int) -> [IntegerParameter] {
    [
        IntegerParameter("scale", [channels], .factors),
        IntegerParameter("offset", [channels], .bias(of: "scale", reading: .exponent(-fractionBits))),
    ]
}

private struct IntegerNormalization: IntegerOperation {
    private let channels: Int
    /// Of channels, each over all positions; `nil` for the channels of each position.
    private let groups: Int?
    /// `epsilon / step^2`.
    private let epsilon: Double
    private let factors: [Int8]
    private let offsets: [Int32]
    private let output: IntegerOutput

    init(in place: IntegerPlace, groups: Int?, epsilon: Double) {
        channels = place.outputShape[0]
        self.groups = groups
        self.epsilon = epsilon / (place.inputs[0].step * place.inputs[0].step)
        factors = place.int8s("scale")
        offsets = place.int32s("offset", count: channels)
        output = place.output(of: "scale", reading: .exponent(Int8(-fractionBits)))
    }

    func run(_ inputs: [[Int8]]) -> [Int8] {
        let positions = inputs[0].count / channels
        var sums = [Int32](repeating: 0, count: inputs[0].count)
        func normalize(_ indices: some Sequence<Int>, count: Int) {
            let moments = Moments(of: indices.lazy.map { inputs[0][$0] }, count: count, epsilon: epsilon)
            for index in indices {
                let channel = index / positions
                sums[index] = Int32(factors[channel]) * moments.normalized(inputs[0][index]) &+ offsets[channel]
            }
        }
        if let groups {
            let size = inputs[0].count / groups
            for group in 0..<groups { normalize(group * size..<(group + 1) * size, count: size) }
        } else {
            for position in 0..<positions {
                normalize(stride(from: position, to: inputs[0].count, by: positions), count: channels)
            }
        }
        return output(sums, channels: channels)
    }
}

/// What normalizes some integers.
private struct Moments {
    private let count: Int64
    private let sum: Int64
    /// `2^60 / sqrt(V 4^places)`, where `V 4^places` is from 2^60 to 2^62.
    private let reciprocal: Int64
    private let places: Int64

    init(of elements: some Sequence<Int8>, count: Int, epsilon: Double) {
        let n = Int64(count)
        var (sum, squares): (Int64, Int64) = (0, 0)
        for element in elements {
            sum += Int64(element)
            squares += Int64(element) * Int64(element)
        }
        let margin = Int64(max(1, min(0x1p60, (epsilon * Double(n) * Double(n)).rounded())))
        let variance = n * squares - sum * sum + margin
        let places = (variance.leadingZeroBitCount - 2) / 2
        self.count = n
        self.sum = sum
        self.places = Int64(places)
        reciprocal = (1 << 60) / Self.root(variance << Int64(2 * places))
    }

    /// In steps of 2^-10.
    func normalized(_ element: Int8) -> Int32 {
        let shift = 60 - places - Int64(fractionBits)
        let product = (count * Int64(element) - sum) * reciprocal
        return Int32(Int16(clamping: (product + 1 << (shift - 1)) >> shift))
    }

    /// The whole part of a square root, bit by bit.
    private static func root(_ number: Int64) -> Int64 {
        var root: Int64 = 0
        for bit in stride(from: 31, through: 0, by: -1) {
            let next = root | 1 << Int64(bit)
            if next <= number / next { root = next }
        }
        return root
    }
}
