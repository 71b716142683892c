package import Datasets
internal import Foundation
package import Kernels
package import Networks

/// What a classifier makes of a data set.
package struct Evaluation: Hashable, Sendable {
    /// The mean cross-entropy of an example.
    package let loss: Double
    package let correct: Int
    package let count: Int
    /// How many examples of each class, by row, were taken for each class, by column.
    package let confusion: [[Int]]
    package let predictions: [Int]

    package var accuracy: Double { Double(correct) / Double(count) }

    /// Judges class scores.
    ///
    /// - Parameters:
    ///   - scores: `[examples][classes]`, probabilities or logits; the largest is the prediction, the first of equals.
    ///   - areProbabilities: Whether they sum to one. A probability below 1e-7 counts as 1e-7 in the loss, as an
    ///     integer network rounds small ones to zero.
    package init(scores: [Float], areProbabilities: Bool, of data: Dataset) {
        let classes = data.classes.count
        var confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
        var (loss, correct, predictions) = (0.0, 0, [Int]())
        for (example, label) in data.labels.enumerated() {
            let row = scores[example * classes..<(example + 1) * classes].map(Double.init)
            let peak = row.max() ?? 0
            let best = row.firstIndex(of: peak) ?? 0
            if areProbabilities {
                loss -= log(max(row[label], 1e-7))
            } else {
                loss += log(row.reduce(0) { $0 + exp($1 - peak) }) + peak - row[label]
            }
            confusion[label][best] += 1
            correct += best == label ? 1 : 0
            predictions.append(best)
        }
        self.loss = loss / Double(max(1, data.count))
        self.correct = correct
        self.confusion = confusion
        self.predictions = predictions
        count = data.count
    }

    /// Runs a float32 network on a data set, batch by batch.
    ///
    /// - Throws: ``TrainingError`` with code `invalidData` if the data do not fit, or with `diverged` if a score is
    ///   infinite or NaN: the first class would be taken for every such example.
    package init(of network: Network, on data: Dataset, pool: WorkerPool) throws {
        let scores = try Validation(of: network, on: data, pool: pool).logits()
        if let index = scores.firstIndex(where: { !$0.isFinite }) {
            throw TrainingError(
                .diverged,
                "the network gives the score \(scores[index]) for example \(index / data.classes.count + 1) of "
                    + "'\(data.name)': its parameters are damaged or too large; train it anew with a smaller "
                    + "InitialLearnRate")
        }
        self.init(scores: scores, areProbabilities: false, of: data)
    }

    /// The precision of each class: of those taken for it, the share that is; `nil` if none was.
    package var precision: [Double?] {
        confusion.indices.map { column in
            let taken = confusion.reduce(0) { $0 + $1[column] }
            return taken > 0 ? Double(confusion[column][column]) / Double(taken) : nil
        }
    }

    /// The recall of each class: of those that are, the share taken for it; `nil` if there is none.
    package var recall: [Double?] {
        confusion.indices.map { row in
            let present = confusion[row].reduce(0, +)
            return present > 0 ? Double(confusion[row][row]) / Double(present) : nil
        }
    }

    /// The Wilson score interval of the accuracy at 95 % (Wilson 1927).
    package var interval95: (low: Double, high: Double) { Self.wilson(correct, of: count) }

    /// The interval in which a proportion lies with 95 % confidence, `k` of `n` being observed:
    /// `(p + z^2/2n ± z sqrt(p (1 - p) / n + z^2/4n^2)) / (1 + z^2/n)` with `z = 1.959964`.
    package static func wilson(_ k: Int, of n: Int) -> (low: Double, high: Double) {
        guard n > 0 else { return (0, 1) }
        let (p, n, z) = (Double(k) / Double(n), Double(n), 1.959963984540054)
        let centre = p + z * z / (2 * n)
        let spread = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        return (max(0, (centre - spread) / (1 + z * z / n)), min(1, (centre + spread) / (1 + z * z / n)))
    }
}

/// A network compiled once to be measured on one data set many times.
final class Validation {
    private let compiled: CompiledNetwork
    private let data: Dataset
    private let loss: CrossEntropy
    private static let batch = 128

    init(of network: Network, on data: Dataset, pool: WorkerPool) throws {
        try network.checkFit(data)
        self.data = data
        loss = CrossEntropy(classes: data.classes.count)
        compiled = try CompiledNetwork(
            network, batchCapacity: max(1, min(Self.batch, data.count)), purpose: .inference,
            observing: .result, pool: pool)
    }

    /// The loss and accuracy with other learnables and states.
    ///
    /// - Throws: `DatasetError` if a file has changed since it was opened.
    func evaluate(learnables: FloatBuffer, states: FloatBuffer) throws -> CrossEntropy.Batch {
        compiled.learnables.copy(from: learnables)
        compiled.states.copy(from: states)
        var total = CrossEntropy.Batch()
        try forEachBatch { rows in
            total += loss.evaluate(logits: compiled.values(of: compiled.logits), labels: data.labels, rows: rows)
        }
        return total
    }

    /// The logits of every example, `[examples][classes]`.
    ///
    /// - Throws: `DatasetError` if a file has changed since it was opened.
    func logits() throws -> [Float] {
        var logits: [Float] = []
        try forEachBatch { rows in
            logits += compiled.values(of: compiled.logits).array(in: 0..<rows.count * data.classes.count)
        }
        return logits
    }

    private func forEachBatch(_ body: (ArraySlice<Int>) -> Void) throws {
        let rows = Array(0..<data.count)
        for start in stride(from: 0, to: data.count, by: compiled.batchCapacity) {
            let batch = rows[start..<min(start + compiled.batchCapacity, data.count)]
            try compiled.setInput(data, rows: batch)
            compiled.forward(count: batch.count, mode: .inference)
            body(batch)
        }
    }
}
