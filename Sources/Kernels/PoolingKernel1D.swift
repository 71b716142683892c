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

    /// The first largest element of each window; a NaN wins.
    package func maxForward(rows: Int, x: Floats, y: Floats) {
        withUnsafePointer(to: pooling) { pare_max_pooling_forward($0, Int64(rows), x, y) }
    }

    package func maxBackward(rows: Int, x: Floats, dy: Floats, dx: Floats) {
        withUnsafePointer(to: pooling) { pare_max_pooling_backward($0, Int64(rows), x, dy, dx) }
    }

    /// The mean of the elements of each window that are inside the row.
    package func averageForward(rows: Int, x: Floats, y: Floats) {
        withUnsafePointer(to: pooling) { pare_average_pooling_forward($0, Int64(rows), x, y) }
    }

    package func averageBackward(rows: Int, dy: Floats, dx: Floats) {
        withUnsafePointer(to: pooling) { pare_average_pooling_backward($0, Int64(rows), dy, dx) }
    }
}
