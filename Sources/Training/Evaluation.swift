package import Datasets
internal import Foundation
package import Kernels
package import Networks

/// What a network makes of a data set: its outputs beside the targets, and the figures that follow.
package struct Evaluation: Hashable, Sendable {
    /// The mean loss of an example.
    package let loss: Double
    package let count: Int
    package let targets: Targets
    /// Of classes: a score for each class, `[examples][classes]`; otherwise the values, `[examples][targets]`.
    ///
    /// A single output is the score of the second class, and the first has none.
    package let scores: [Float]
    /// Whether the scores are probabilities and not logits.
    package let areProbabilities: Bool
    /// The class that each example is taken for, the first of equals; empty if the targets are values.
    package let predictions: [Int]
    /// How many examples of each class, by row, were taken for each class, by column.
    package let confusion: [[Int]]

    /// Judges the outputs of a network by the loss of the task.
    ///
    /// - Parameters:
    ///   - scores: `[examples][outputs]`, the outputs of the last layer or, of classes, logits.
    ///   - areProbabilities: Whether they are probabilities. One below 1e-7 counts as 1e-7 in the loss, as an integer
    ///     network rounds small ones to zero.
    package init(scores: [Float], areProbabilities: Bool, of data: Dataset) {
        self.init(scores: scores, areProbabilities: areProbabilities, of: data, loss: nil)
    }

    /// Runs a float32 network on a data set, batch by batch.
    ///
    /// - Parameters:
    ///   - loss: What is measured as loss; that of the task if it is `nil`.
    ///   - check: Called before each batch; throws to stop.
    /// - Throws: ``TrainingError`` with code `invalidData` if the data do not fit, or with `diverged` if an output is
    ///   infinite or NaN: the first class would be taken for every such example; what `check` throws.
    package init(
        of network: Network, on data: Dataset, loss: LossFunction? = nil, pool: WorkerPool,
        check: () throws -> Void = {}
    ) throws {
        let loss = try loss ?? LossFunction(TrainingOptions(), data: data, network: network)
        let validation = try Validation(of: network, on: data, loss: loss, pool: pool)
        self = try validation.evaluation(check: check)
    }

    /// Judges outputs of which the loss is known, such as ``scores`` and ``loss`` of an earlier evaluation.
    package init(scores outputs: [Float], areProbabilities: Bool, of data: Dataset, loss: Double?) {
        targets = data.targets
        count = data.count
        self.areProbabilities = areProbabilities
        guard case .classes(let names, let labels) = targets else {
            (scores, predictions, confusion) = (outputs, [], [])
            self.loss = loss ?? Self.meanSquare(outputs, targets)
            return
        }
        let classes = names.count
        let scores =
            outputs.count == classes * labels.count
            ? outputs : outputs.flatMap { areProbabilities ? [1 - $0, $0] : [0, $0] }
        var confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
        var predictions: [Int] = []
        var sum = 0.0
        for (example, label) in labels.enumerated() {
            let first = example * classes
            var best = first
            for index in first..<first + classes where scores[index] > scores[best] { best = index }
            if loss == nil {
                sum += Self.crossEntropy(scores[first..<first + classes], label, areProbabilities: areProbabilities)
            }
            confusion[label][best - first] += 1
            predictions.append(best - first)
        }
        self.loss = loss ?? sum / Double(max(1, labels.count))
        (self.scores, self.predictions, self.confusion) = (scores, predictions, confusion)
    }

    private static func crossEntropy(_ scores: ArraySlice<Float>, _ label: Int, areProbabilities: Bool) -> Double {
        let own = Double(scores[scores.startIndex + label])
        if areProbabilities { return -log(max(own, 1e-7)) }
        let peak = Double(scores.max() ?? 0)
        return log(scores.reduce(0) { $0 + exp(Double($1) - peak) }) + peak - own
    }

    private static func meanSquare(_ values: [Float], _ targets: Targets) -> Double {
        guard case .values(_, let targets) = targets else { return .nan }
        let sum = zip(values, targets).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
        return sum / Double(max(1, targets.count))
    }
}
