internal import CKernels

/// Brings an accumulator to the scale of an output, in integers.
///
/// With power-of-two scales the factor is a power of two over a whole divisor and the result is exact but for one
/// rounding, halves up: `floor(x + 1/2)`, one addition and one shift on a device. With real scales the factor is a
/// 31-bit fixed-point multiplier and a shift, rounded twice as TensorFlow Lite does (gemmlowp).
package enum Rescaling: Hashable, Sendable {
    /// `accumulator * 2^shift / divisor`.
    case exact(shift: Int, divisor: Int)
    /// `accumulator * multiplier * 2^(shift - 31)`.
    case fixedPoint(multiplier: Int32, shift: Int)

    /// The rescaling by a real factor that is zero or more, as TensorFlow Lite's `QuantizeMultiplier` finds it.
    ///
    /// The multiplier is in `2^30 ..< 2^31`; a factor below `2^-32` is zero, and one above `2^30` saturates.
    package static func real(_ factor: Double) -> Rescaling {
        guard factor > 0 else { return .fixedPoint(multiplier: 0, shift: 0) }
        var shift = Int(factor.exponent) + 1
        var multiplier = (factor.significand * 0x1p30).rounded(.toNearestOrAwayFromZero)
        if multiplier == 0x1p31 {
            multiplier = 0x1p30
            shift += 1
        }
        if shift < -31 { return .fixedPoint(multiplier: 0, shift: 0) }
        if shift > 30 { return .fixedPoint(multiplier: Int32.max, shift: 30) }
        return .fixedPoint(multiplier: Int32(multiplier), shift: shift)
    }
}

// MARK: - Applying

extension Rescaling {
    /// The rescaled accumulator, saturated to 32 bits.
    package func callAsFunction(_ accumulator: Int32) -> Int32 {
        switch self {
        case .exact(let shift, let divisor):
            return Self.exact(Int64(accumulator), shift: shift, divisor: Int64(divisor))
        case .fixedPoint(let multiplier, let shift):
            let raised = Int32(clamping: Int64(accumulator) << Int64(max(0, shift)))
            return Self.dividedByPowerOfTwo(Self.highProduct(raised, multiplier), exponent: max(0, -shift))
        }
    }

    private static func exact(_ accumulator: Int64, shift: Int, divisor: Int64) -> Int32 {
        if divisor == 1, shift <= 0 {
            let places = Int64(min(-shift, 40))
            return Int32(clamping: places == 0 ? accumulator : (accumulator + (1 << (places - 1))) >> places)
        }
        // A shift of 31 or more saturates whatever is not below half a divisor; one of -33 or less leaves nothing.
        let numerator = accumulator << Int64(max(0, min(shift, 31)))
        let denominator = divisor << Int64(max(0, min(-shift, 33)))
        return Int32(clamping: roundedHalfUp(numerator, denominator))
    }

    /// `floor(numerator / denominator + 1/2)` for a denominator above zero.
    package static func roundedHalfUp(_ numerator: Int64, _ denominator: Int64) -> Int64 {
        let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
        let (whole, rest) = remainder < 0 ? (quotient - 1, remainder + denominator) : (quotient, remainder)
        return rest >= denominator - rest ? whole + 1 : whole
    }

    /// gemmlowp's `SaturatingRoundingDoublingHighMul`: `left * right / 2^31`, rounded.
    package static func highProduct(_ left: Int32, _ right: Int32) -> Int32 {
        if left == Int32.min, right == Int32.min { return Int32.max }
        let product = Int64(left) * Int64(right)
        let nudge: Int64 = product >= 0 ? 1 << 30 : 1 - (1 << 30)
        return Int32((product + nudge) / (1 << 31))
    }

    /// gemmlowp's `RoundingDivideByPOT`: halves away from zero.
    package static func dividedByPowerOfTwo(_ value: Int32, exponent: Int) -> Int32 {
        let mask = Int32(truncatingIfNeeded: (Int64(1) << Int64(exponent)) - 1)
        let remainder = value & mask
        let threshold = (mask >> 1) + (value < 0 ? 1 : 0)
        return (value >> Int32(exponent)) + (remainder > threshold ? 1 : 0)
    }
}

// MARK: - For kernels

extension Rescaling {
    /// What kernels read.
    var form: pare_rescaling {
        switch self {
        case .exact(let shift, let divisor):
            pare_rescaling(multiplier: 0, shift: Int32(clamping: shift), divisor: Int64(divisor))
        case .fixedPoint(let multiplier, let shift):
            pare_rescaling(multiplier: multiplier, shift: Int32(shift), divisor: 0)
        }
    }
}
