internal import Foundation
internal import Recipes

/// How far a measure may be from what is expected: `accuracy=2 points`, `loss=0.05`, `loss=10 %`.
package struct Tolerance: Hashable, Sendable {
    package let metric: String
    private let size: Double
    /// Whether it is a share of what is expected.
    private let isRelative: Bool

    private init(metric: String, size: Double, isRelative: Bool) {
        self.metric = metric
        self.size = size
        self.isRelative = isRelative
    }

    /// Reads `METRIC=VALUE`, where the value is a number, points of a percentage, or a share of what is expected in
    /// percent; `nil` for anything else.
    package init?(_ text: String) {
        guard let sign = text.firstIndex(of: "="), sign != text.startIndex,
            let quantity = Quantity(text[text.index(after: sign)...]),
            [nil, .points, .percent].contains(quantity.unit),
            quantity.value.double >= 0
        else { return nil }
        self.init(
            metric: String(text[..<sign]), size: quantity.value.double, isRelative: quantity.unit == .percent)
    }

    /// One point for shares, 10 % of what is expected for all others.
    package static func standard(for metric: String) -> Tolerance {
        let isShare = shares.contains(metric)
        return Tolerance(metric: metric, size: isShare ? 0.01 : 0.1, isRelative: !isShare)
    }

    private static let shares: Set<String> = ["accuracy", "topK", "precision", "recall", "f1", "auc", "r2"]

    /// The tolerance in the measure's own unit, with two digits that count if it follows from what is expected.
    func width(around expected: Double) -> Double {
        guard isRelative else { return size }
        let width = abs(expected) * size
        return Double(String(format: "%.2g", width)) ?? width
    }
}
