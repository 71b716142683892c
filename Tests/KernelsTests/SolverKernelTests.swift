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

    @Test func `sums, scales and norms`() {
        let (x, y) = (FloatBuffer([3, 4, 0]), FloatBuffer([1, 1, 1]))
        SolverKernels.add(2, times: x, to: y)
        #expect(y.array == [7, 9, 1])
        SolverKernels.add(-1, times: x, to: y, in: 1..<2)
        #expect(y.array == [7, 5, 1])
        SolverKernels.scale(y, by: 2)
        #expect(y.array == [14, 10, 2])
        #expect(SolverKernels.norm(x) == 5)
        #expect(SolverKernels.norm(FloatBuffer([Float](repeating: 1, count: 100))) == 10)
    }

    @Test func `the instruction set has a name`() {
        #expect(["x86-64-v4", "x86-64-v3", "x86-64", "aarch64", "portable"].contains(InstructionSet.current))
    }
}
