internal import CKernels
internal import Foundation

/// What solvers do to learnables, gradients and moments, each flat in one buffer.
package enum SolverKernels {
    /// One step of Adam (Kingma and Ba 2015), as PyTorch has it: epsilon is added after the bias correction.
    ///
    /// `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g^2`,
    /// `w -= rate * (m / (1 - beta1^step)) / (sqrt(v / (1 - beta2^step)) + epsilon)`.
    ///
    /// - Parameters:
    ///   - first: The mean of the gradients, `m`; zero before the first step.
    ///   - second: The mean of their squares, `v`; zero before the first step.
    ///   - step: The number of this step, from 1.
    package static func adam(
        _ weights: FloatBuffer, gradients: FloatBuffer, first: FloatBuffer, second: FloatBuffer, step: Int,
        learnRate: Float, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8
    ) {
        precondition(step >= 1, "steps are counted from 1")
        check(weights, gradients)
        check(first, second)
        check(weights, first)
        pare_adam(
            Int64(weights.count), weights.pointer, gradients.pointer, first.pointer, second.pointer, learnRate, beta1,
            beta2, Float(1 - pow(Double(beta1), Double(step))), Float(1 - pow(Double(beta2), Double(step))), epsilon)
    }

    /// One step of stochastic gradient descent with momentum: `v = momentum v - rate g`, `w += v`.
    package static func sgdm(
        _ weights: FloatBuffer, gradients: FloatBuffer, velocity: FloatBuffer, learnRate: Float, momentum: Float = 0.9
    ) {
        check(weights, gradients)
        check(weights, velocity)
        pare_sgdm(
            Int64(weights.count), weights.pointer, gradients.pointer, velocity.pointer, learnRate, momentum)
    }

    /// `y[range] += a * x[range]`, of all elements without a range.
    package static func add(_ a: Float, times x: FloatBuffer, to y: FloatBuffer, in range: Range<Int>? = nil) {
        check(x, y)
        let range = range ?? 0..<x.count
        precondition(range.lowerBound >= 0 && range.upperBound <= x.count, "\(range) of \(x.count) elements")
        pare_axpy(Int64(range.count), a, x.pointer + range.lowerBound, y.pointer + range.lowerBound)
    }

    /// `x *= a`.
    package static func scale(_ x: FloatBuffer, by a: Float) { pare_scale(Int64(x.count), a, x.pointer) }

    /// The Euclidean norm, summed in double precision.
    package static func norm(_ x: FloatBuffer) -> Double {
        pare_sum_of_squares(Int64(x.count), x.pointer).squareRoot()
    }

    private static func check(_ one: FloatBuffer, _ other: FloatBuffer) {
        precondition(one.count == other.count, "buffers of \(one.count) and \(other.count) elements")
    }
}
