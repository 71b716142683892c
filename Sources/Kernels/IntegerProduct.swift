internal import CKernels

/// A matrix of int8 weights, `[rows, depth]`, to multiply with columns of int16 values in 32-bit sums.
package struct IntegerProduct: Sendable {
    package let rows: Int
    package let depth: Int
    /// How far apart the sums of two columns are: the rows, in whole vectors.
    package let step: Int
    private let packed: [Int8]

    package init(rows: Int, depth: Int, weights: [Int8]) {
        precondition(weights.count == rows * depth, "\(weights.count) weights are not \(rows) x \(depth)")
        self.rows = rows
        self.depth = depth
        step = (rows + 15) / 16 * 16
        let count = Int(pare_integer_packed_count(Int64(rows), Int64(depth)))
        packed = Array(unsafeUninitializedCapacity: count) { packed, initialized in
            initialized = count
            guard let packed = packed.baseAddress else { return }
            pare_integer_pack(Int64(rows), Int64(depth), weights, packed)
        }
    }

    /// How far apart two columns are: the depth, made even.
    package var columnStep: Int { (depth + 1) / 2 * 2 }

    /// The sums of every column, ``step`` apart.
    ///
    /// - Parameter columns: One or more, ``columnStep`` apart; if the depth is odd, the last value of each is zero.
    package func callAsFunction(_ columns: [Int16]) -> [Int32] {
        let count = columns.count / columnStep
        return Array(unsafeUninitializedCapacity: count * step) { sums, initialized in
            initialized = count * step
            guard let sums = sums.baseAddress else { return }
            pare_integer_products(Int64(rows), Int64(depth), Int64(count), packed, columns, sums)
        }
    }
}
