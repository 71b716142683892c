internal import CKernels

/// What integer layers do element by element; arrays are `[channels, positions]`.
package enum IntegerElementKernels {
    /// A function of int8 by its 256 values from -128 on: one table for each channel one after the other, or one for all.
    package static func map(_ x: [Int8], by tables: [Int8], channels: Int) -> [Int8] {
        let tableStep = tables.count == 256 ? 0 : 256
        return Array(unsafeUninitializedCapacity: x.count) { y, count in
            count = x.count
            guard let y = y.baseAddress else { return }
            pare_integer_map(Int64(channels), Int64(x.count / channels), tables, Int64(tableStep), x, y)
        }
    }

    /// Adds `sign rescale((x - zeroPoint) << places)` to sums; an x of one element a channel counts for every position.
    package static func add(
        _ x: [Int8], zeroPoint: Int8, sign: Int32, places: Int, _ rescaling: Rescaling, channels: Int,
        to sums: inout [Int32]
    ) {
        var form = rescaling.form
        pare_integer_add_term(
            Int64(channels), Int64(sums.count / channels), x, Int64(x.count / channels), Int32(zeroPoint), sign,
            Int32(places), &form, &sums)
    }

    /// Multiplies products by `x - zeroPoint`; an x of one element a channel counts for every position.
    package static func multiply(_ x: [Int8], zeroPoint: Int8, channels: Int, into products: inout [Int32]) {
        pare_integer_multiply(
            Int64(channels), Int64(products.count / channels), x, Int64(x.count / channels), Int32(zeroPoint),
            &products)
    }
}
