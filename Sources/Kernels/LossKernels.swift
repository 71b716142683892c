internal import CKernels

/// Losses of a batch of outputs and their gradients.
///
/// `outputs` is `[example][output]`; `rows` says which examples of a data set the batch is. The gradient, if a buffer is
/// given for it, is that of the sum of the losses times `scale`, or of their weighted mean if that is `nil`.
package enum LossKernels {
    /// What a batch came to.
    package struct Sums: Codable, Hashable, Sendable {
        /// The weighted losses and the weights.
        package var loss = 0.0
        package var weight = 0.0
        /// The mean square of each example's error; of values only.
        package var squares = 0.0
        /// How many are taken for their class; of classes only.
        package var correct = 0

        package init() {}

        fileprivate init(_ sums: pare_loss_sums) {
            (loss, weight, squares, correct) = (sums.loss, sums.weight, sums.squares, Int(sums.correct))
        }
    }

    /// What a regression measures of an output's error `e`.
    package enum Error: Hashable, Sendable {
        /// `e^2`.
        case squared
        /// `|e|`.
        case absolute
        /// `e^2 / 2` up to `delta`, `delta (|e| - delta / 2)` beyond (Huber 1964).
        case huber(delta: Double)
    }

    /// `(1 - smoothing) w[y] (-log p[y]) + smoothing / classes sum_c w[c] (-log p[c])` with `p = softmax(logits)`.
    ///
    /// - Parameters:
    ///   - labels: The class of each row of the data set.
    ///   - weights: One for each class, which are as many as the outputs.
    package static func crossEntropy(
        _ logits: FloatBuffer, labels: [Int], rows: ArraySlice<Int>, weights: [Float], smoothing: Double,
        gradient: FloatBuffer?, scale: Float?
    ) -> Sums {
        check(logits, gradient, rows, outputs: weights.count)
        return run(labels, rows, weights) { labels, rows, weights, sums in
            pare_cross_entropy(
                Int64(rows.count), Int64(weights.count), logits.pointer, labels.baseAddress, rows.baseAddress,
                weights.baseAddress, smoothing, scale ?? 0, gradient?.pointer, sums)
        }
    }

    /// The mean over the outputs of `log(1 + exp(z)) - t z`, times the weight of the true class.
    ///
    /// - Parameter outputs: One, which is whether the label is 1, or as many as there are classes.
    package static func binaryCrossEntropy(
        _ logits: FloatBuffer, outputs: Int, labels: [Int], rows: ArraySlice<Int>, weights: [Float],
        smoothing: Double, gradient: FloatBuffer?, scale: Float?
    ) -> Sums {
        check(logits, gradient, rows, outputs: outputs)
        return run(labels, rows, weights) { labels, rows, weights, sums in
            pare_binary_cross_entropy(
                Int64(rows.count), Int64(outputs), logits.pointer, labels.baseAddress, rows.baseAddress,
                weights.baseAddress, smoothing, scale ?? 0, gradient?.pointer, sums)
        }
    }

    /// The same with targets from 0 to 1, `[row][output]`.
    package static func binaryCrossEntropy(
        _ logits: FloatBuffer, outputs: Int, targets: [Float], rows: ArraySlice<Int>, smoothing: Double,
        gradient: FloatBuffer?, scale: Float?
    ) -> Sums {
        check(logits, gradient, rows, outputs: outputs)
        return run(targets, outputs, rows) { targets, rows, sums in
            pare_binary_cross_entropy_of_values(
                Int64(rows.count), Int64(outputs), logits.pointer, targets.baseAddress, rows.baseAddress, smoothing,
                scale ?? 0, gradient?.pointer, sums)
        }
    }

    /// The mean over the outputs of what is measured of their errors.
    ///
    /// - Parameter targets: `[row][output]`.
    package static func regression(
        _ error: Error, _ values: FloatBuffer, outputs: Int, targets: [Float], rows: ArraySlice<Int>,
        gradient: FloatBuffer?, scale: Float?
    ) -> Sums {
        check(values, gradient, rows, outputs: outputs)
        let (kind, delta): (Int, Double) =
            switch error {
            case .squared: (PARE_SQUARED_ERROR, 0)
            case .absolute: (PARE_ABSOLUTE_ERROR, 0)
            case .huber(let delta): (PARE_HUBER_ERROR, delta)
            }
        return run(targets, outputs, rows) { targets, rows, sums in
            pare_regression_loss(
                Int64(kind), Int64(rows.count), Int64(outputs), values.pointer, targets.baseAddress,
                rows.baseAddress, delta, scale ?? 0, gradient?.pointer, sums)
        }
    }

    /// What a student follows of a teacher.
    package enum SoftTargets: Hashable, Sendable {
        /// The probabilities of one of several classes.
        case classes
        /// Those of labels of their own.
        case labels
        case values
    }

    /// The mean over a batch of `T^2 KL(teacher / T || student / T)`; of values the mean square of the difference.
    ///
    /// - Parameters:
    ///   - student: `[count][outputs]`, logits or values, as those of the teacher.
    ///   - gradient: Becomes `(1 - alpha)` times what it was and `alpha` times that of this mean.
    package static func distillation(
        _ targets: SoftTargets, _ student: FloatBuffer, teacher: FloatBuffer, count: Int, outputs: Int,
        temperature: Double, alpha: Double, gradient: FloatBuffer
    ) -> Double {
        let floats = count * outputs
        precondition(
            min(student.count, teacher.count, gradient.count) >= floats, "\(teacher.count) floats are not \(floats)")
        let kind =
            switch targets {
            case .classes: PARE_SOFT_CLASSES
            case .labels: PARE_SOFT_LABELS
            case .values: PARE_SOFT_VALUES
            }
        var loss = 0.0
        pare_distillation(
            Int64(kind), Int64(count), Int64(outputs), student.pointer, teacher.pointer, temperature, alpha,
            gradient.pointer, &loss)
        return loss
    }
}

// MARK: - Memory

extension LossKernels {
    private static func check(_ values: FloatBuffer, _ gradient: FloatBuffer?, _ rows: ArraySlice<Int>, outputs: Int) {
        let count = rows.count * outputs
        precondition(
            values.count >= count && (gradient ?? values).count >= count, "\(values.count) floats are not \(count)")
    }

    private typealias Integers = UnsafeBufferPointer<Int64>

    private static func run(
        _ labels: [Int], _ rows: ArraySlice<Int>, _ weights: [Float],
        _ body: (Integers, Integers, UnsafeBufferPointer<Float>, UnsafeMutablePointer<pare_loss_sums>) -> Void
    ) -> Sums {
        for row in rows {
            precondition(
                labels.indices.contains(row) && weights.indices.contains(labels[row]), "row \(row) has no class")
        }
        var sums = pare_loss_sums()
        labels.withUnsafeBufferPointer { labels in
            rows.withUnsafeBufferPointer { rows in
                weights.withUnsafeBufferPointer { weights in
                    labels.withMemoryRebound(to: Int64.self) { labels in
                        rows.withMemoryRebound(to: Int64.self) { rows in body(labels, rows, weights, &sums) }
                    }
                }
            }
        }
        return Sums(sums)
    }

    private static func run(
        _ targets: [Float], _ outputs: Int, _ rows: ArraySlice<Int>,
        _ body: (UnsafeBufferPointer<Float>, Integers, UnsafeMutablePointer<pare_loss_sums>) -> Void
    ) -> Sums {
        for row in rows {
            precondition(row >= 0 && (row + 1) * outputs <= targets.count, "row \(row) of \(targets.count) targets")
        }
        var sums = pare_loss_sums()
        targets.withUnsafeBufferPointer { targets in
            rows.withUnsafeBufferPointer { rows in
                rows.withMemoryRebound(to: Int64.self) { rows in body(targets, rows, &sums) }
            }
        }
        return Sums(sums)
    }
}
