internal import CKernels

/// From 32-bit sums to the int8 of an output: rescale, add the zero point, clamp.
package struct IntegerOutput: Sendable {
    private let rescalings: [Rescaling]
    private let zeroPoint: Int32
    private let lowest: Int32
    private let forms: [pare_rescaling]

    /// - Parameters:
    ///   - rescalings: One for each channel, or one for all.
    ///   - lowest: The least integer that comes out.
    package init(_ rescalings: [Rescaling], zeroPoint: Int8, lowest: Int8 = -128) {
        self.rescalings = rescalings
        self.zeroPoint = Int32(zeroPoint)
        self.lowest = Int32(lowest)
        forms = rescalings.map(\.form)
    }

    /// One sum.
    package func callAsFunction(_ sum: Int32, channel: Int = 0) -> Int8 {
        let rescaled = rescalings[rescalings.count == 1 ? 0 : channel](sum)
        return Int8(truncatingIfNeeded: max(Int64(lowest), min(127, Int64(rescaled) + Int64(zeroPoint))))
    }

    /// Sums of `[channels, positions]`.
    package func callAsFunction(_ sums: [Int32], channels: Int) -> [Int8] {
        withForm { form in
            Array(unsafeUninitializedCapacity: sums.count) { y, count in
                count = sums.count
                guard let y = y.baseAddress else { return }
                pare_integer_write(form, Int64(channels), Int64(sums.count / channels), sums, y)
            }
        }
    }

    /// Calls the body with what kernels read.
    func withForm<Result>(_ body: (UnsafePointer<pare_integer_output>) -> Result) -> Result {
        forms.withUnsafeBufferPointer { buffer in
            var output = pare_integer_output(
                rescalings: buffer.baseAddress, step: forms.count == 1 ? 0 : 1, zero_point: zeroPoint, lowest: lowest)
            return body(&output)
        }
    }
}
