/// A number in 16 bits: the upper half of a float32, with 8 bits of significand.
package struct BFloat16: Hashable, Sendable {
    package let bitPattern: UInt16

    package init(bitPattern: UInt16) { self.bitPattern = bitPattern }

    /// The nearest number, of two equally near the one whose last bit is zero; beyond the largest, infinity.
    ///
    /// A NaN stays one.
    package init(_ value: Float) {
        let bits = value.bitPattern
        if value.isNaN {
            bitPattern = UInt16(bits >> 16) | 0x40
        } else {
            bitPattern = UInt16((bits + 0x7FFF + bits >> 16 & 1) >> 16)
        }
    }

    /// The same number, exact.
    package var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}

extension Tensor {
    /// A float32 tensor, rounded to bfloat16.
    package var roundedToBFloat16: Tensor {
        Tensor(shape: shape, storage: .bfloat16(floats.map { BFloat16($0) }))
    }

    /// A bfloat16 tensor in float32, exact.
    package var widenedToFloat32: Tensor { Tensor(bfloat16s.map(\.float), shape: shape) }
}
