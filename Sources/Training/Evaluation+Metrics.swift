internal import Datasets
internal import Foundation

extension Evaluation {
    /// A metric, or `nil` where it is not defined: a ranking of one class, the variance of equal targets, a metric of
    /// other targets.
    ///
    /// Means over classes are over those that have examples. A precision of a class that nothing was taken for counts
    /// as 0 in its mean.
    ///
    /// - Parameter k: Of ``Metric/topK``.
    package func value(of metric: Metric, k: Int = 5) -> Double? {
        switch metric {
        case .loss: loss
        case .accuracy: predictions.isEmpty ? nil : accuracy
        case .topK: topAccuracy(k)
        case .precision: meanOfPresent(precision.map { $0 ?? 0 })
        case .recall: meanOfPresent(recall.map { $0 ?? 0 })
        case .f1: meanOfPresent(f1.map { $0 ?? 0 })
        case .auc: areaUnderCurve
        case .rmse: errors.flatMap { Self.mean($0.map { $0 * $0 }) }.map { $0.squareRoot() }
        case .mae: errors.flatMap { Self.mean($0.map { abs($0) }) }
        case .r2: determination
        }
    }

    package var correct: Int { confusion.indices.reduce(0) { $0 + confusion[$1][$1] } }
    package var accuracy: Double { Double(correct) / Double(count) }

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

    /// The F1 score of each class, `2 TP / (2 TP + FP + FN)`; `nil` if none is of it or taken for it.
    package var f1: [Double?] {
        confusion.indices.map { index in
            let both = confusion[index].reduce(0, +) + confusion.reduce(0) { $0 + $1[index] }
            return both > 0 ? 2 * Double(confusion[index][index]) / Double(both) : nil
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

// MARK: - Of classes

extension Evaluation {
    private func meanOfPresent(_ values: [Double]) -> Double? {
        Self.mean(values.indices.filter { confusion[$0].contains { $0 > 0 } }.map { values[$0] })
    }

    /// The share of examples whose class has fewer than `k` others before it; of equal scores the first class leads, as
    /// in a prediction.
    private func topAccuracy(_ k: Int) -> Double? {
        guard case .classes(let names, let labels) = targets, !labels.isEmpty else { return nil }
        let within = labels.enumerated().count { example, label in
            let first = example * names.count
            let own = scores[first + label]
            return names.indices.count { scores[first + $0] > own || scores[first + $0] == own && $0 < label } < k
        }
        return Double(within) / Double(labels.count)
    }

    /// By ranks (Mann and Whitney 1947), exact with equal scores.
    ///
    /// The score of a class is the difference of the two, and of more than two classes its probability, beside the rest.
    private var areaUnderCurve: Double? {
        guard case .classes(let names, let labels) = targets, names.count > 1 else { return nil }
        if names.count == 2 {
            let differences = labels.indices.map { Double(scores[2 * $0 + 1]) - Double(scores[2 * $0]) }
            return Self.areaUnderCurve(differences, isPositive: labels.map { $0 == 1 })
        }
        let probabilities = probabilities(classes: names.count)
        let areas = names.indices.compactMap { label in
            Self.areaUnderCurve(
                labels.indices.map { probabilities[$0 * names.count + label] }, isPositive: labels.map { $0 == label })
        }
        return Self.mean(areas)
    }

    private func probabilities(classes: Int) -> [Double] {
        if areProbabilities { return scores.map(Double.init) }
        return stride(from: 0, to: scores.count, by: classes).flatMap { first -> [Double] in
            let logits = scores[first..<first + classes].map(Double.init)
            let peak = logits.max() ?? 0
            let powers = logits.map { exp($0 - peak) }
            let sum = powers.reduce(0, +)
            return powers.map { $0 / sum }
        }
    }

    /// `nil` if all examples are of one kind.
    static func areaUnderCurve(_ scores: [Double], isPositive: [Bool]) -> Double? {
        let positives = isPositive.count { $0 }
        let negatives = isPositive.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        var (ranks, start) = (0.0, 0)
        while start < order.count {
            var end = start
            while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
            // Equal scores share the mean of their ranks, which are counted from 1.
            ranks += Double(start + 1 + end) / 2 * Double(order[start..<end].count { isPositive[$0] })
            start = end
        }
        let least = Double(positives) * Double(positives + 1) / 2
        return (ranks - least) / (Double(positives) * Double(negatives))
    }
}

// MARK: - Of values

extension Evaluation {
    private var errors: [Double]? {
        guard case .values(_, let values) = targets else { return nil }
        return zip(scores, values).map { Double($0) - Double($1) }
    }

    /// `1 - sum e^2 / sum (t - mean t)^2` of each target; those that never change have none.
    private var determination: Double? {
        guard case .values(let names, let values) = targets, let errors else { return nil }
        let shares = names.indices.compactMap { name -> Double? in
            let own = stride(from: name, to: values.count, by: names.count).map { Double(values[$0]) }
            guard let mean = Self.mean(own) else { return nil }
            let variation = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let missed = stride(from: name, to: values.count, by: names.count).reduce(0) {
                $0 + errors[$1] * errors[$1]
            }
            return variation > 0 ? 1 - missed / variation : nil
        }
        return Self.mean(shares)
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
