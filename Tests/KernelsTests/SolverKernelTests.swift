import Foundation
import Kernels
import TestSupport
import Testing

/// Solvers against the same formulas in double precision.
@Suite struct SolverKernelTests {
    @Test(arguments: [1, 7, 16, 100])
    func `adam follows its formula`(count: Int) {
        var random = SeededGenerator(seed: 1)
        let weights = FloatBuffer(random.signed(count))
        let (first, second) = (FloatBuffer(count: count), FloatBuffer(count: count))
        var (w, m, v) = (
            weights.array.map(Double.init), [Double](repeating: 0, count: count), [Double](repeating: 0, count: count)
        )
        for step in 1...12 {
            let gradients = FloatBuffer(random.signed(count))
            SolverKernels.adam(
                weights, gradients: gradients, first: first, second: second, step: step, learnRate: 0.01)
            for (index, gradient) in gradients.array.map(Double.init).enumerated() {
                m[index] = 0.9 * m[index] + 0.1 * gradient
                v[index] = 0.999 * v[index] + 0.001 * gradient * gradient
                let (mean, square) = (
                    m[index] / (1 - pow(0.9, Double(step))), v[index] / (1 - pow(0.999, Double(step)))
                )
                w[index] -= 0.01 * mean / (square.squareRoot() + 1e-8)
            }
        }
        // The kernel has 0.999 as a float.
        expectClose(weights.array, w, absolute: 2e-5)
        expectClose(first.array, m, absolute: 1e-6)
        expectClose(second.array, v, relative: 1e-4)
    }

    @Test func `the first step of adam is the learn rate, whatever the gradient`() {
        let weights = FloatBuffer([0, 0, 0])
        SolverKernels.adam(
            weights, gradients: FloatBuffer([1e-4, -3, 500]), first: FloatBuffer(count: 3),
            second: FloatBuffer(count: 3), step: 1, learnRate: 0.1)
        expectClose(weights.array, [-0.1, 0.1, -0.1], relative: 2e-4)
    }

    @Test func `a gradient of zero changes nothing`() {
        let weights = FloatBuffer([1, 2])
        SolverKernels.adam(
            weights, gradients: FloatBuffer(count: 2), first: FloatBuffer(count: 2), second: FloatBuffer(count: 2),
            step: 1, learnRate: 0.1)
        #expect(weights.array == [1, 2])
    }

    @Test func `descent with momentum follows its formula`() {
        let (weights, velocity) = (FloatBuffer([1, -1]), FloatBuffer(count: 2))
        for _ in 0..<2 {
            SolverKernels.sgdm(
                weights, gradients: FloatBuffer([2, 4]), velocity: velocity, learnRate: 0.5, momentum: 0.5)
        }
        // Velocity -1 then -1.5; -2 then -3.
        #expect(velocity.array == [-1.5, -3] && weights.array == [-1.5, -6])
    }

    @Test(arguments: [3, 40])
    func `RMSProp follows its formula`(count: Int) {
        var random = SeededGenerator(seed: 2)
        let (weights, second) = (FloatBuffer(random.signed(count)), FloatBuffer(count: count))
        var (w, v) = (weights.array.map(Double.init), [Double](repeating: 0, count: count))
        for _ in 0..<12 {
            let gradients = FloatBuffer(random.signed(count))
            SolverKernels.rmsprop(weights, gradients: gradients, second: second, learnRate: 0.01)
            for (index, gradient) in gradients.array.map(Double.init).enumerated() {
                v[index] = 0.9 * v[index] + 0.1 * gradient * gradient
                w[index] -= 0.01 * gradient / (v[index].squareRoot() + 1e-8)
            }
        }
        expectClose(weights.array, w, absolute: 2e-5)
        expectClose(second.array, v, relative: 1e-5)
    }

    /// `g = clamp(scale (g + l2 w))`: of 2 + 0.5 * 4 the half, of -20 + 0.5 * 2 no more than -5.
    @Test func `a gradient is regularized, scaled and cut off, in this order`() {
        let (weights, velocity) = (FloatBuffer([4, 2, 9]), FloatBuffer(count: 3))
        SolverKernels.sgdm(
            weights, gradients: FloatBuffer([2, -20, 7]), velocity: velocity, in: 0..<2,
            change: GradientChange(l2: 0.5, scale: 0.5, limit: 5), learnRate: 1, momentum: 0)
        #expect(velocity.array == [-2, 5, 0])
        #expect(weights.array == [2, 7, 9])
    }

    @Test func `a gradient that is no number stays one`() {
        let (weights, velocity) = (FloatBuffer([1]), FloatBuffer(count: 1))
        SolverKernels.sgdm(
            weights, gradients: FloatBuffer([.nan]), velocity: velocity, change: GradientChange(limit: 1), learnRate: 1)
        #expect(weights[0].isNaN)
    }

    @Test func `decoupled decay takes a share of the weight, not of the gradient`() {
        let weights = FloatBuffer([8])
        SolverKernels.adam(
            weights, gradients: FloatBuffer(count: 1), first: FloatBuffer(count: 1), second: FloatBuffer(count: 1),
            decay: 0.5, step: 1, learnRate: 0.25)
        #expect(weights.array == [7])
    }

    @Test func `a sum of squares is that of gradient and regularization`() {
        let (gradients, weights) = (FloatBuffer([1, 2, 0]), FloatBuffer([1, 1, 0]))
        #expect(SolverKernels.sumOfSquares(gradients, l2: 2, weights: weights) == 25)
        #expect(SolverKernels.sumOfSquares(gradients, l2: 0, weights: weights, in: 1..<3) == 4)
        let many = FloatBuffer([Float](repeating: 1, count: 100))
        #expect(SolverKernels.sumOfSquares(many, l2: 0, weights: many) == 100)
        #expect(SolverKernels.isFinite(many) && !SolverKernels.isFinite(FloatBuffer([1, .nan])))
    }

    @Test func `the instruction set has a name`() {
        #expect(["x86-64-v4", "x86-64-v3", "x86-64", "aarch64", "portable"].contains(InstructionSet.current))
    }
}
