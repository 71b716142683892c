internal import CKernels
internal import Foundation

/// What happens to a gradient before a solver sees it: `g = clamp(scale (g + l2 w), -limit, limit)`.
package struct GradientChange: Hashable, Sendable {
    package var l2: Float
    package var scale: Float
    package var limit: Float

    package init(l2: Float = 0, scale: Float = 1, limit: Float = .infinity) {
        self.l2 = l2
        self.scale = scale
        self.limit = limit
    }

    fileprivate var kernel: pare_gradient_change { pare_gradient_change(l2: l2, scale: scale, limit: limit) }
}

/// What solvers do to learnables, gradients and moments, each flat in one buffer.
///
/// One pass over a range of them, or over all if none is given. Passes over ranges that do not overlap may run at once.
package enum SolverKernels {
    /// One step of Adam (Kingma and Ba 2015), as PyTorch has it: epsilon is added after the bias correction.
    ///
    /// `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g^2`,
    /// `w -= rate * (m / (1 - beta1^step)) / (sqrt(v / (1 - beta2^step)) + epsilon)`.
    ///
    /// - Parameters:
    ///   - first: The mean of the gradients, `m`; zero before the first step.
    ///   - second: The mean of their squares, `v`; zero before the first step.
    ///   - decay: What each learnable loses beside, `w -= rate decay w` (AdamW, Loshchilov and Hutter 2019).
    ///   - step: The number of this step, from 1.
    package static func adam(
        _ weights: FloatBuffer, gradients: FloatBuffer, first: FloatBuffer, second: FloatBuffer,
        in range: Range<Int>? = nil, change: GradientChange = GradientChange(), decay: Float = 0, step: Int,
        learnRate: Float, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8
    ) {
        precondition(step >= 1, "steps are counted from 1")
        let range = checked(range, weights, gradients, first, second)
        let start = range.lowerBound
        withUnsafePointer(to: change.kernel) { change in
            pare_adam(
                Int64(range.count), weights.pointer + start, gradients.pointer + start, first.pointer + start,
                second.pointer + start, change, learnRate, decay, beta1, beta2,
                Float(1 - pow(Double(beta1), Double(step))), Float(1 - pow(Double(beta2), Double(step))), epsilon)
        }
    }

    /// One step of stochastic gradient descent with momentum: `v = momentum v - rate g`, `w += v`.
    package static func sgdm(
        _ weights: FloatBuffer, gradients: FloatBuffer, velocity: FloatBuffer, in range: Range<Int>? = nil,
        change: GradientChange = GradientChange(), learnRate: Float, momentum: Float = 0.9
    ) {
        let range = checked(range, weights, gradients, velocity)
        let start = range.lowerBound
        withUnsafePointer(to: change.kernel) { change in
            pare_sgdm(
                Int64(range.count), weights.pointer + start, gradients.pointer + start, velocity.pointer + start,
                change, learnRate, momentum)
        }
    }

    /// One step of RMSProp (Tieleman and Hinton 2012): `v = beta v + (1 - beta) g^2`, `w -= rate g / (sqrt(v) + epsilon)`.
    package static func rmsprop(
        _ weights: FloatBuffer, gradients: FloatBuffer, second: FloatBuffer, in range: Range<Int>? = nil,
        change: GradientChange = GradientChange(), learnRate: Float, beta: Double = 0.9, epsilon: Float = 1e-8
    ) {
        let range = checked(range, weights, gradients, second)
        let start = range.lowerBound
        withUnsafePointer(to: change.kernel) { change in
            pare_rmsprop(
                Int64(range.count), weights.pointer + start, gradients.pointer + start, second.pointer + start,
                change, learnRate, Float(beta), Float(1 - beta), epsilon)
        }
    }

    /// The sum of the squares of `gradients + l2 weights`, in double precision.
    package static func sumOfSquares(
        _ gradients: FloatBuffer, l2: Float, weights: FloatBuffer, in range: Range<Int>? = nil
    ) -> Double {
        let range = checked(range, weights, gradients)
        let start = range.lowerBound
        return pare_sum_of_squares(Int64(range.count), gradients.pointer + start, l2, weights.pointer + start)
    }

    /// Whether no element is infinite or NaN.
    package static func isFinite(_ x: FloatBuffer) -> Bool {
        pare_sum_of_squares(Int64(x.count), x.pointer, 0, x.pointer).isFinite
    }

    // No variadic list: a list is allocated.
    private static func checked(
        _ range: Range<Int>?, _ weights: FloatBuffer, _ one: FloatBuffer, _ two: FloatBuffer? = nil,
        _ three: FloatBuffer? = nil
    ) -> Range<Int> {
        let (count, range) = (weights.count, range ?? 0..<weights.count)
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count) elements")
        precondition(
            one.count == count && (two ?? one).count == count && (three ?? one).count == count,
            "buffers of \(one.count) and \(count) elements")
        return range
    }
}
