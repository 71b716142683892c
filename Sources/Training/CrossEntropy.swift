internal import Foundation
package import Kernels

/// Softmax and cross-entropy in one: `-w[y] * log softmax(z)[y]`, computed from the logits `z` without overflow.
///
/// The gradient with respect to the logits is `w[y] * (softmax(z) - onehot(y))`, divided by the sum of the batch's
/// weights where the loss is their mean.
package struct CrossEntropy: Sendable {
    package enum Reduction: Hashable, Sendable {
        /// The weighted mean over the batch: what training minimizes.
        case mean
        /// The sum over the batch: what importance scores are made of, so that they do not depend on the batch size.
        case sum
    }

    /// What a batch came to.
    package struct Batch: Hashable, Sendable {
        /// The sum of the weighted losses and of the weights.
        package var loss = 0.0
        package var weight = 0.0
        package var correct = 0
        package var count = 0

        package init() {}

        package static func += (total: inout Batch, batch: Batch) {
            total.loss += batch.loss
            total.weight += batch.weight
            total.correct += batch.correct
            total.count += batch.count
        }

        /// The weighted mean loss of an example.
        package var meanLoss: Double { weight > 0 ? loss / weight : 0 }
        package var accuracy: Double { count > 0 ? Double(correct) / Double(count) : 0 }
    }

    package let weights: [Float]

    /// - Parameter weights: One for each class.
    package init(weights: [Float]) { self.weights = weights }
    package init(classes: Int) { weights = Array(repeating: 1, count: classes) }

    /// The loss of some examples, and its gradient.
    ///
    /// - Parameters:
    ///   - logits: `[examples][classes]`.
    ///   - labels: The labels of a data set.
    ///   - rows: Which of them the examples are.
    ///   - gradient: Takes the gradient with respect to the logits, if given.
    package func evaluate(
        logits: FloatBuffer, labels: [Int], rows: ArraySlice<Int>, gradient: FloatBuffer? = nil,
        reduction: Reduction = .mean
    ) -> Batch {
        let classes = weights.count
        var batch = Batch()
        if gradient != nil, reduction == .mean {
            for row in rows { batch.weight += Double(weights[labels[row]]) }
        }
        // A batch of classes without weight has no loss to follow.
        let scale = reduction == .sum ? 1 : batch.weight > 0 ? 1 / batch.weight : 0
        batch.weight = 0
        for (example, row) in rows.enumerated() {
            let (first, label) = (example * classes, labels[row])
            var (peak, best) = (-Float.infinity, 0)
            for index in 0..<classes where logits[first + index] > peak {
                (peak, best) = (logits[first + index], index)
            }
            var sum = 0.0
            for index in 0..<classes { sum += exp(Double(logits[first + index]) - Double(peak)) }
            let weight = Double(weights[label])
            batch.loss += weight * (log(sum) + Double(peak) - Double(logits[first + label]))
            batch.weight += weight
            batch.correct += best == label ? 1 : 0
            batch.count += 1
            guard let gradient else { continue }
            for index in 0..<classes {
                let probability = exp(Double(logits[first + index]) - Double(peak)) / sum
                gradient[first + index] = Float(scale * weight * (probability - (index == label ? 1 : 0)))
            }
        }
        return batch
    }
}
