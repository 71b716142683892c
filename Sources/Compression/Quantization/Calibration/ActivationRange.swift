/// The smallest and the largest value of an activation; zero is always among them, as padding is zero.
package struct ActivationRange: Hashable, Sendable, Codable {
    package private(set) var minimum: Float
    package private(set) var maximum: Float
    package private(set) var isFinite = true

    package init(from minimum: Float = 0, to maximum: Float = 0) {
        (self.minimum, self.maximum) = (min(minimum, 0), max(maximum, 0))
    }

    package mutating func include(_ value: Float) {
        if value < minimum { minimum = value }
        if value > maximum { maximum = value }
        if !value.isFinite { isFinite = false }
    }

    /// The part of the range that lies in another.
    package func clipped(from lowest: Double, to highest: Double) -> ActivationRange {
        ActivationRange(from: Float(max(Double(minimum), lowest)), to: Float(min(Double(maximum), highest)))
    }

    /// The larger magnitude of the two ends.
    package var peak: Double { max(Double(maximum), -Double(minimum)) }

    /// 256 steps from the smallest to the largest value, with an integer that stands for zero exactly.
    package var affineQuantization: ActivationQuantization {
        let span = Double(maximum) - Double(minimum)
        guard span > 0 else { return ActivationQuantization(scale: .real(1), zeroPoint: 0) }
        let scale = max(Float(span / 255), Float.leastNormalMagnitude)
        let zeroPoint = (-128 - Double(minimum) / Double(scale)).rounded(.toNearestOrAwayFromZero)
        return ActivationQuantization(scale: .real(scale), zeroPoint: Int8(max(-128, min(127, zeroPoint))))
    }
}
