import Datasets
import Foundation
import Kernels
import Networks
import Tensors
import Testing
import Training

@Suite struct EvaluationTests {
    private static let data = Dataset(
        name: "four", channels: ["x"], steps: 1, classes: ["a", "b", "c"], labels: [0, 1, 1, 0],
        examples: [0, 1, 2, 3])

    @Test func `scores are judged by their largest`() {
        let scores: [Float] = [0.5, 0.25, 0.25, 0, 1, 0, 0.75, 0.25, 0, 0.5, 0.5, 0]
        let evaluation = Evaluation(scores: scores, areProbabilities: true, of: Self.data)
        #expect(evaluation.predictions == [0, 1, 0, 0])
        #expect(evaluation.confusion == [[2, 0, 0], [1, 1, 0], [0, 0, 0]])
        #expect(evaluation.correct == 3 && evaluation.count == 4 && evaluation.accuracy == 0.75)
        #expect(evaluation.precision == [2.0 / 3, 1, nil])
        #expect(evaluation.recall == [1, 0.5, nil])
        #expect(abs(evaluation.loss - (2 * log(2) + log(4)) / 4) < 1e-12)
    }

    @Test func `logits and their probabilities have one loss`() {
        let logits: [Float] = [1, 2, 3, 0, 0, 0, -1, 4, 2, 3, 1, 1]
        let probabilities = stride(from: 0, to: 12, by: 3).flatMap { start -> [Float] in
            let row = logits[start..<start + 3].map { exp($0) }
            return row.map { $0 / row.reduce(0, +) }
        }
        let fromLogits = Evaluation(scores: logits, areProbabilities: false, of: Self.data)
        let fromProbabilities = Evaluation(scores: probabilities, areProbabilities: true, of: Self.data)
        #expect(abs(fromLogits.loss - fromProbabilities.loss) < 1e-6)
        #expect(fromLogits.confusion == fromProbabilities.confusion)
    }

    @Test func `a probability that was rounded to zero has a finite loss`() {
        let evaluation = Evaluation(
            scores: [0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0], areProbabilities: true, of: Self.data)
        #expect(abs(evaluation.loss - -log(1e-7) / 4) < 1e-9)
    }

    @Test(arguments: [
        (156, 167, 0.8863, 0.9630), (0, 10, 0, 0.2775), (10, 10, 0.7225, 1), (5, 10, 0.2366, 0.7634), (0, 0, 0, 1),
    ])
    func `the interval is Wilson's`(correct: Int, count: Int, low: Double, high: Double) {
        let interval = Evaluation.wilson(correct, of: count)
        #expect(abs(interval.low - low) < 5e-4)
        #expect(abs(interval.high - high) < 5e-4)
    }

    /// Otherwise all of them would be taken for the first class, and some of those be right.
    @Test func `scores that are not finite are an error`() throws {
        var network = try ToyProblem.network().initialized(seed: 2, stream: "x")
        let bias = try #require(network.specifications.last { $0.specification.name == "bias" })
        try network.setParameters([
            bias.name: Tensor([Float](repeating: .nan, count: bias.specification.shape.count))
        ])
        let data = ToyProblem.data(5, seed: 4)
        let message =
            "the network gives the score nan for example 1 of '\(data.name)': its parameters are damaged or too large; "
            + "train it anew with a smaller InitialLearnRate"
        #expect(throws: TrainingError(.diverged, message)) {
            try Evaluation(of: network, on: data, pool: WorkerPool(threads: 1))
        }
    }

    @Test func `a network is evaluated on every example, whatever the batches`() throws {
        // More than one batch, and a part of one.
        let (data, pool) = (ToyProblem.data(300, seed: 4), WorkerPool(threads: 2))
        let network = try ToyProblem.network().initialized(seed: 2, stream: "x")
        let whole = try Evaluation(of: network, on: data, pool: pool)
        #expect(whole.count == 300)
        #expect(whole.confusion.joined().reduce(0, +) == 300)
        let parts = try [0..<7, 7..<300].map { rows in
            try Evaluation(of: network, on: data.rows(Array(rows)), pool: pool)
        }
        #expect(parts.flatMap(\.predictions) == whole.predictions)
        #expect(abs(7 * parts[0].loss + 293 * parts[1].loss - 300 * whole.loss) < 1e-6)
    }
}
