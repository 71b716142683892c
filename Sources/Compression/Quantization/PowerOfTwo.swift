/// Exponents for int8 values of the form `integer * 2^exponent`.
enum PowerOfTwo {
    /// The smallest exponent with `magnitude <= limit * 2^exponent`, within what one byte holds.
    static func exponent(holding magnitude: Double, in limit: Double) -> Int8 {
        guard magnitude > 0 else { return Int8.min }
        let ratio = magnitude / limit
        return Int8(clamping: Int(ratio.exponent) + (ratio.significand > 1 ? 1 : 0))
    }

    /// `e`, `e - 1`, `e - 2`, ..., coarsest first, where `e` is the smallest that covers a peak with 127 steps.
    ///
    /// Clipping a rare peak can cost less than halving the resolution of everything else.
    static func candidates(holding peak: Double, count: Int = 3, atLeast least: Int8 = Int8.min) -> [Int8] {
        let covering = max(exponent(holding: peak, in: 127), least)
        return (0..<count).map { max(Int(covering) - $0, Int(least)) }.map { Int8($0) }
    }

    /// The squared error of values as integers from `lowest` to 127.
    static func squaredError(_ values: some Sequence<Float>, _ exponent: Int8, lowest: Double) -> Double {
        let step = Double.powerOfTwo(Int(exponent))
        let inverse = Double.powerOfTwo(-Int(exponent))
        var sum = 0.0
        for value in values {
            let integer = max(lowest, min(127, (Double(value) * inverse).rounded(.toNearestOrAwayFromZero)))
            let error = Double(value) - integer * step
            sum += error * error
        }
        return sum
    }
}
