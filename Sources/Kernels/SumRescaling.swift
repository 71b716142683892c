internal import CKernels

/// Sums of rows times a factor each, saturated to 32 bits.
package struct SumRescaling: Sendable {
    private let forms: [pare_rescaling]

    /// - Parameter rescalings: One for each row, or one for all.
    package init(_ rescalings: [Rescaling]) { forms = rescalings.map(\.form) }

    /// The rescaled sums of the first rows, with offsets added to them.
    package func callAsFunction(_ sums: ArraySlice<Int32>, rows: Int, adding offsets: [Int32]?) -> [Int32] {
        sums.withUnsafeBufferPointer { sums in
            Array(unsafeUninitializedCapacity: rows) { y, count in
                count = rows
                guard let y = y.baseAddress else { return }
                pare_integer_rescale(forms, forms.count == 1 ? 0 : 1, Int64(rows), sums.baseAddress, offsets, y)
            }
        }
    }
}
