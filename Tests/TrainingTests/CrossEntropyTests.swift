import Foundation
import Kernels
import Tensors
import Testing
import Training

@Suite struct CrossEntropyTests {
    private static let labels = [2, 0, 1, 1, 2]
    private static let weights: [Float] = [1, 0.5, 3]

    /// The loss in double precision.
    private static func reference(_ logits: [Double], rows: ArraySlice<Int>, mean: Bool) -> Double {
        var (loss, total) = (0.0, 0.0)
        for (example, row) in rows.enumerated() {
            let z = Array(logits[3 * example..<3 * example + 3])
            let weight = Double(weights[labels[row]])
            loss += weight * (log(z.reduce(0) { $0 + exp($1) }) - z[labels[row]])
            total += weight
        }
        return mean ? loss / total : loss
    }

    @Test(arguments: [CrossEntropy.Reduction.mean, .sum], UInt64(0)..<5)
    func `loss and gradient are those of the reference`(reduction: CrossEntropy.Reduction, seed: UInt64) {
        var random = RandomStream(seed: seed, name: "logits")
        let rows: ArraySlice<Int> = [4, 1, 2, 3]
        let logits = (0..<12).map { _ in 6 * random.uniform() - 3 }
        let gradient = FloatBuffer(count: 12)
        let batch = CrossEntropy(weights: Self.weights).evaluate(
            logits: FloatBuffer(logits), labels: Self.labels, rows: rows, gradient: gradient, reduction: reduction)
        let point = logits.map(Double.init)
        #expect(abs(batch.loss - Self.reference(point, rows: rows, mean: false)) < 1e-6)
        #expect(abs(batch.meanLoss - Self.reference(point, rows: rows, mean: true)) < 1e-6)
        #expect(batch.weight == 5)
        #expect(batch.count == 4)
        for index in 0..<12 {
            var (above, below) = (point, point)
            above[index] += 1e-5
            below[index] -= 1e-5
            let mean = reduction == .mean
            let difference =
                (Self.reference(above, rows: rows, mean: mean) - Self.reference(below, rows: rows, mean: mean)) / 2e-5
            #expect(abs(Double(gradient[index]) - difference) < 1e-6, "seed \(seed), element \(index)")
        }
    }

    @Test func `large logits do not overflow`() {
        let batch = CrossEntropy(classes: 2).evaluate(
            logits: FloatBuffer([1e30, -1e30, -1e4, 1e4]), labels: [0, 0], rows: [0, 1])
        #expect(batch.loss == 20000)
        #expect(batch.correct == 1)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func `a logit that is no number makes a loss that is none`(logit: Float) {
        let batch = CrossEntropy(classes: 2).evaluate(logits: FloatBuffer([logit, logit]), labels: [0], rows: [0])
        #expect(!batch.loss.isFinite)
    }

    @Test func `a batch of classes without weight changes nothing`() {
        let gradient = FloatBuffer([9, 9])
        let batch = CrossEntropy(weights: [0, 1]).evaluate(
            logits: FloatBuffer([1, 2]), labels: [0], rows: [0], gradient: gradient)
        #expect(batch.loss == 0 && batch.meanLoss == 0)
        #expect(gradient.array == [0, 0])
    }
}
