internal import CKernels

/// Pooling over windows of rows and columns; an image is a channel of an example, and a sequence has one row.
package struct PoolingKernel: Sendable {
    /// One axis: how long it is and how windows go over it.
    package struct Axis: Hashable, Sendable {
        let extent: Int
        let size: Int
        let stride: Int
        let before: Int
        let output: Int

        /// - Parameter before: Padding in front of the first element; it never wins and never counts.
        package init(extent: Int, size: Int, stride: Int, before: Int, output: Int) {
            self.extent = extent
            self.size = size
            self.stride = stride
            self.before = before
            self.output = output
        }

        /// One window that covers the whole axis.
        package init(whole extent: Int) { self.init(extent: extent, size: extent, stride: 1, before: 0, output: 1) }
    }

    private let pooling: pare_pooling
    private let columns: Int

    package init(rows: Axis = Axis(whole: 1), columns: Axis) {
        self.columns = columns.extent
        pooling = pare_pooling(
            rows: Int64(rows.extent), columns: Int64(columns.extent), size_rows: Int64(rows.size),
            size_columns: Int64(columns.size), stride_rows: Int64(rows.stride),
            stride_columns: Int64(columns.stride), top: Int64(rows.before), left: Int64(columns.before),
            output_rows: Int64(rows.output), output_columns: Int64(columns.output))
    }

    /// `y` of `x` by a rule.
    ///
    /// - Parameter valid: How many columns count, of all without it; a window that has none of them gives zero.
    package func forward(_ rule: PoolingRule, valid: Int? = nil, images: Int, x: Floats, y: Floats) {
        withUnsafePointer(to: pooling) { pooling in
            let limit = Int64(valid ?? columns)
            switch rule {
            case .largest: pare_max_pooling_forward(pooling, limit, Int64(images), x, y)
            case .mean: pare_average_pooling_forward(pooling, limit, Int64(images), x, y)
            }
        }
    }

    /// The gradient of `x`; the largest elements are looked for again, so that nothing is kept.
    package func backward(_ rule: PoolingRule, valid: Int? = nil, images: Int, x: Floats, dy: Floats, dx: Floats) {
        withUnsafePointer(to: pooling) { pooling in
            let limit = Int64(valid ?? columns)
            switch rule {
            case .largest: pare_max_pooling_backward(pooling, limit, Int64(images), x, dy, dx)
            case .mean: pare_average_pooling_backward(pooling, limit, Int64(images), dy, dx)
            }
        }
    }
}

/// How a window of elements becomes one.
package enum PoolingRule: Hashable, Sendable {
    /// The first largest element; a NaN wins.
    case largest
    /// The mean of the elements that are inside the image.
    case mean
}
