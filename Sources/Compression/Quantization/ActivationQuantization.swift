/// How the real values of one activation tensor stand as int8: `value = step * (integer - zeroPoint)`.
package struct ActivationQuantization: Hashable, Sendable {
    package let scale: QuantizationScale
    /// The integer that stands for zero; 0 for all that a power-of-two scheme calibrates.
    package let zeroPoint: Int8

    package init(scale: QuantizationScale, zeroPoint: Int8) {
        self.scale = scale
        self.zeroPoint = zeroPoint
    }

    /// Class probabilities: 0 to 255/256, whatever the scheme, so nothing is stored for them.
    package static let probabilities = ActivationQuantization(scale: .exponent(-8), zeroPoint: -128)

    /// From -1 to 127/128, whatever the scheme.
    package static let signedUnit = ActivationQuantization(scale: .exponent(-7), zeroPoint: 0)

    /// The real size of one integer step.
    package var step: Double { scale.step }
}

// MARK: - Between real and integer

extension ActivationQuantization {
    /// The integer nearest to a real value (halves away from zero), saturated; NaN becomes the zero point.
    package func quantize(_ value: Float) -> Int8 { quantize(Double(value)) }

    /// The same in double precision.
    package func quantize(_ value: Double) -> Int8 {
        let steps = (value / step).rounded(.toNearestOrAwayFromZero) + Double(zeroPoint)
        return steps.isNaN ? zeroPoint : Int8(max(-128, min(127, steps)))
    }

    package func dequantize(_ integer: Int8) -> Float { Float(realValue(of: integer)) }

    /// The real number that an integer stands for.
    package func realValue(of integer: Int8) -> Double { step * Double(Int(integer) - Int(zeroPoint)) }
}
