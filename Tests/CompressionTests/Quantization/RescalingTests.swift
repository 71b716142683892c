import Compression
import Kernels
import Tensors
import Testing

@Suite struct RescalingTests {
    /// What TensorFlow Lite's `QuantizeMultiplier` gives, its edge cases included.
    @Test(arguments: [
        (0.5, Int32(1 << 30), 0), (1.0, 1 << 30, 1), (0.25, 1 << 30, -1), (0.75, 1_610_612_736, 0),
        (0.123456, 2_120_957_930, -3), (3.0, 1_610_612_736, 2), (0.9999999999, 1 << 30, 1), (0.0, 0, 0),
        (1e-12, 0, 0), (1e12, Int32.max, 30),
    ]) func `a real factor becomes a 31-bit multiplier and a shift`(factor: Double, multiplier: Int32, shift: Int) {
        #expect(Rescaling.real(factor) == .fixedPoint(multiplier: multiplier, shift: shift))
    }

    @Test(arguments: [
        (Int32.min, Int32.min, Int32.max), (1 << 30, 1 << 30, 1 << 29), (3, 1 << 30, 2), (-3, 1 << 30, -1),
        (Int32.max, Int32.max, Int32.max - 1), (-1, 1 << 30, 0),
    ]) func `the high product is that of gemmlowp`(left: Int32, right: Int32, product: Int32) {
        #expect(Rescaling.highProduct(left, right) == product)
    }

    @Test(
        arguments: [
            (5, 1, 3), (-5, 1, -3), (4, 2, 1), (6, 2, 2), (-6, 2, -2), (7, 0, 7), (Int32.max, 31, 1),
            (Int32.min, 31, -1),
        ] as [(Int32, Int, Int32)])
    func `a division by a power of two rounds halves away from zero`(value: Int32, exponent: Int, quotient: Int32) {
        #expect(Rescaling.dividedByPowerOfTwo(value, exponent: exponent) == quotient)
    }

    @Test(
        arguments: [
            (5, -1, 1, 3), (-5, -1, 1, -2), (-6, -2, 1, -1), (6, -2, 1, 2), (7, 0, 1, 7), (1, 31, 1, Int32.max),
            (-1, 40, 1, Int32.min), (Int32.max, -32, 1, 0), (Int32.max, -31, 1, 1), (Int32.min, -60, 1, 0),
            (7, 0, 2, 4), (-7, 0, 2, -3), (10, 1, 3, 7), (-10, 1, 3, -7), (Int32.min, -60, 5, 0),
            (Int32.max, 40, 7, Int32.max),
        ] as [(Int32, Int, Int, Int32)])
    func `powers of two over a divisor round halves up`(value: Int32, shift: Int, divisor: Int, result: Int32) {
        #expect(Rescaling.exact(shift: shift, divisor: divisor)(value) == result)
    }

    @Test(arguments: [UInt64(1), 2]) func `exact rescaling is the rational number rounded halves up`(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "rescaling")
        for _ in 0..<50_000 {
            let value = Int32(truncatingIfNeeded: Int(random.word())) >> Int32(random.below(28))
            let (shift, divisor) = (random.below(40) - 32, 1 + random.below(300) / (1 + 99 * random.below(2)))
            // floor((2n + d) / 2d), with n and d whole.
            let numerator = Int64(value) << Int64(max(0, shift))
            let denominator = Int64(divisor) << Int64(max(0, -shift))
            let (top, bottom) = (2 * numerator + denominator, 2 * denominator)
            let floor = top / bottom - (top % bottom < 0 ? 1 : 0)
            let rescaled = Rescaling.exact(shift: shift, divisor: divisor)(value)
            #expect(rescaled == Int32(clamping: floor), "\(value) * 2^\(shift) / \(divisor)")
        }
    }

    @Test(arguments: [UInt64(3), 4]) func `fixed-point rescaling is within one of the real product`(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "rescaling")
        for _ in 0..<50_000 {
            let value = Int32(truncatingIfNeeded: Int(random.word())) >> Int32(random.below(28))
            let factor = Double(random.uniform()) * Double(sign: .plus, exponent: -random.below(20), significand: 1)
            let real = Double(value) * factor
            #expect(abs(Double(Rescaling.real(factor)(value)) - real) <= 1, "\(value) * \(factor)")
        }
    }
}
