/// How often an activation took which values: one pass over them, in memory of fixed size.
///
/// Bins of equal width lie between `-2^k` and `2^k`. A value beyond doubles the range, by making one bin of two. The
/// width is a power of two and zero is an edge, so that no bin lies across the border between two integers of a
/// power-of-two scale of several bins.
package struct ActivationHistogram: Hashable, Sendable, Codable {
    /// Exact, whatever the bins.
    package private(set) var range = ActivationRange()
    /// From the lowest bin to the highest.
    package private(set) var counts = [Int](repeating: 0, count: 2 * half)
    package private(set) var total = 0
    /// The `k` of the range.
    private var exponent = -100

    /// Bins on either side of zero.
    package static let half = 2048

    package init() {}

    /// The real size of a bin.
    package var width: Double { Double.powerOfTwo(exponent) / Double(Self.half) }

    /// The value at the lower edge of a bin; that of ``counts``' end is the upper edge of the last.
    package func edge(_ bin: Int) -> Double { Double(bin - Self.half) * width }
}

// MARK: - Counting

extension ActivationHistogram {
    /// Counts values; does nothing more than to notice it if one is not finite.
    package mutating func include(_ values: some Sequence<Float>) {
        for value in values { range.include(value) }
        guard range.isFinite else { return }
        while range.peak > Double.powerOfTwo(exponent) { doubleRange() }
        let (inverse, last) = (1 / width, counts.count - 1)
        for value in values {
            let bin = Int((Double(value) * inverse).rounded(.down)) + Self.half
            counts[min(bin, last)] += 1
            total += 1
        }
    }

    private mutating func doubleRange() {
        var merged = [Int](repeating: 0, count: counts.count)
        for (bin, count) in counts.enumerated() { merged[Self.half / 2 + bin / 2] += count }
        counts = merged
        exponent += 1
    }
}

// MARK: - Errors

extension ActivationHistogram {
    /// The squared error of all values as integers, each as if it stood in the middle of its bin.
    package func squaredError(_ quantization: ActivationQuantization) -> Double {
        let (step, zeroPoint) = (quantization.step, Double(quantization.zeroPoint))
        var sum = 0.0
        for (bin, count) in counts.enumerated() where count > 0 {
            let value = edge(bin) + width / 2
            let integer = max(-128, min(127, (value / step).rounded(.toNearestOrAwayFromZero) + zeroPoint))
            let error = value - step * (integer - zeroPoint)
            sum += Double(count) * error * error
        }
        return sum
    }
}
