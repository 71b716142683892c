internal import CKernels

/// How two elements become one.
package enum CombinationRule: Hashable, Sendable {
    case sum
    case difference
    case product
}

/// Combines operands of rows: a row is a channel of an example.
package enum CombinationKernel {
    /// An operand, with `positions` elements a row or one that counts for all.
    package struct Operand {
        let elements: Floats
        let isBroadcast: Bool

        package init(_ elements: Floats, isBroadcast: Bool = false) {
            self.elements = elements
            self.isBroadcast = isBroadcast
        }
    }

    /// `y = left + right`, `left - right` or `left right`; `y` may be an operand that is not broadcast.
    package static func apply(
        _ rule: CombinationRule, rows: Int, positions: Int, _ left: Operand, _ right: Operand, to y: Floats
    ) {
        let code =
            switch rule {
            case .sum: PARE_SUM
            case .difference: PARE_DIFFERENCE
            case .product: PARE_PRODUCT
            }
        pare_combine(
            Int32(code), Int64(rows), Int64(positions), left.elements, Int64(left.isBroadcast ? 1 : positions),
            right.elements, Int64(right.isBroadcast ? 1 : positions), y)
    }

    /// The sum of each row: the gradient of an operand that is broadcast.
    package static func rowSums(rows: Int, positions: Int, _ x: Floats, to sums: Floats) {
        pare_row_sums(Int64(rows), Int64(positions), x, sums)
    }
}
