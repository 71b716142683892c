internal import CKernels

/// Pooling of int8 elements over windows of one or two axes; elements outside the input do not count.
package struct IntegerPoolingKernel: Sendable {
    package enum Rule: Hashable, Sendable {
        case largest
        /// Halves up, the rule of power-of-two scales.
        case meanHalfUp
        /// Halves away from zero, the rule of TensorFlow Lite.
        case meanHalfAway
    }

    private let pooling: pare_integer_pooling

    /// - Parameter axes: One for steps, two for images.
    package init(channels: Int, axes: [ConvolutionKernel.Axis], rule: Rule) {
        // Steps are the columns of one row.
        let (rows, columns) = axes.count == 2 ? (axes[0], axes[1]) : (.single, axes[0])
        let kind =
            switch rule {
            case .largest: pare_integer_largest
            case .meanHalfUp: pare_integer_mean_half_up
            case .meanHalfAway: pare_integer_mean_half_away
            }
        pooling = pare_integer_pooling(
            channels: Int64(channels), height: Int64(rows.input), width: Int64(columns.input),
            output_height: Int64(rows.output), output_width: Int64(columns.output),
            window_height: Int64(rows.window), window_width: Int64(columns.window), row_stride: Int64(rows.stride),
            column_stride: Int64(columns.stride), rows_before: Int64(rows.before),
            columns_before: Int64(columns.before), rule: kind)
    }

    /// From `[channels] + inputs` to `[channels] + outputs`.
    package func callAsFunction(_ x: [Int8]) -> [Int8] {
        let size = Int(pooling.channels * pooling.output_height * pooling.output_width)
        return withUnsafePointer(to: pooling) { pooling in
            Array(unsafeUninitializedCapacity: size) { y, count in
                count = size
                guard let y = y.baseAddress else { return }
                pare_integer_pool(pooling, x, y)
            }
        }
    }
}
