internal import CKernels

/// Pooling over steps of one geometry, row by row; a row is one channel of one example.
package struct PoolingKernel1D: Sendable {
    private let pooling: pare_pooling1d

    /// - Parameter before: Padding in front of the first step; it never wins and never counts.
    package init(steps: Int, size: Int, stride: Int, before: Int, outputSteps: Int) {
        pooling = pare_pooling1d(
            steps: Int64(steps), size: Int64(size), stride: Int64(stride), before: Int64(before),
            output_steps: Int64(outputSteps))
    }

    /// One window that covers the whole row.
    package init(global steps: Int) { self.init(steps: steps, size: steps, stride: 1, before: 0, outputSteps: 1) }

    /// `y` of `x` by a rule.
    package func forward(_ rule: PoolingRule, rows: Int, x: Floats, y: Floats) {
        withUnsafePointer(to: pooling) { pooling in
            switch rule {
            case .largest: pare_max_pooling_forward(pooling, Int64(rows), x, y)
            case .mean: pare_average_pooling_forward(pooling, Int64(rows), x, y)
            }
        }
    }

    /// The gradient of `x`; the largest elements are looked for again, so that nothing is kept.
    package func backward(_ rule: PoolingRule, rows: Int, x: Floats, dy: Floats, dx: Floats) {
        withUnsafePointer(to: pooling) { pooling in
            switch rule {
            case .largest: pare_max_pooling_backward(pooling, Int64(rows), x, dy, dx)
            case .mean: pare_average_pooling_backward(pooling, Int64(rows), dy, dx)
            }
        }
    }
}

/// How a window of elements becomes one.
package enum PoolingRule: Hashable, Sendable {
    /// The first largest element; a NaN wins.
    case largest
    /// The mean of the elements that are inside the row.
    case mean
}
