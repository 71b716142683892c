internal import CKernels

/// `y = step round(x / step)`, between `lowest` and `highest` steps, halves away from zero.
package struct RoundingKernel: Sendable {
    package let step: Float
    package let lowest: Float
    package let highest: Float

    /// - Parameters:
    ///   - step: Above zero.
    ///   - bounds: Whole numbers of steps.
    package init(step: Float, bounds: ClosedRange<Int>) {
        precondition(step > 0, "a step of \(step)")
        self.step = step
        lowest = Float(bounds.lowerBound)
        highest = Float(bounds.upperBound)
    }

    /// A NaN stays; `y` may be `x`.
    package func forward(count: Int, x: Floats, y: Floats) {
        pare_rounding_forward(Int64(count), step, lowest, highest, x, y)
    }

    /// `dx = dy`, zero where the bounds cut off; `dx` may be `dy`.
    package func backward(count: Int, x: Floats, dy: Floats, dx: Floats) {
        pare_rounding_backward(Int64(count), step, lowest, highest, x, dy, dx)
    }
}
