internal import Foundation

extension ActivationHistogram {
    /// The range that integers should cover.
    ///
    /// - Parameter levels: How many integers the larger of the two sides of zero has, at the most.
    package func range(by options: CalibrationOptions, levels: Int) -> ActivationRange {
        switch options.method {
        case .minmax: range
        case .percentile: percentileRange(options.percentile)
        case .mse: leastSquaresRange
        case .entropy: entropyRange(levels: levels)
        }
    }

    /// The edges beyond which lie, on either side, at most `(100 - percent) / 2` percent of the values, as
    /// ONNX Runtime's percentile calibration has it.
    private func percentileRange(_ percent: Double) -> ActivationRange {
        let most = Double(total) * (100 - percent) / 200
        var (first, end, below, above) = (0, counts.count, 0, 0)
        while first < end, Double(below + counts[first]) <= most {
            below += counts[first]
            first += 1
        }
        while end > first, Double(above + counts[end - 1]) <= most {
            above += counts[end - 1]
            end -= 1
        }
        return range.clipped(from: edge(first), to: edge(end))
    }

    /// Of 128 magnitudes, evenly up to the largest value, the one to which a range of 256 steps has the least squared
    /// error; the largest of equals.
    private var leastSquaresRange: ActivationRange {
        var (best, least) = (range, squaredError(range.affineQuantization))
        for part in stride(from: 127, through: 1, by: -1) {
            let limit = range.peak * Double(part) / 128
            let candidate = range.clipped(from: -limit, to: limit)
            let error = squaredError(candidate.affineQuantization)
            if error < least { (best, least) = (candidate, error) }
        }
        return best
    }

    /// The magnitude with the least Kullback-Leibler divergence; the smallest of equals.
    ///
    /// As NVIDIA describes it for TensorRT ("8-bit inference with TensorRT", Migacz 2017; `calib/histogram.py` of
    /// pytorch-quantization, and likewise `calibrate.py` of ONNX Runtime): for each number `i` of bins of the magnitudes
    /// from `levels` on, `P` is the first `i` bins with all that lies beyond added to the last, and `Q` the first `i`
    /// bins made `levels` and spread again evenly over those bins that are not empty in `P`; of nothing 1/10,000 of a
    /// value is spread, as ONNX Runtime smooths. The lowest bin counts as much as
    /// the second: it holds padding and the zeros of rectifiers, which every scale keeps.
    private func entropyRange(levels: Int) -> ActivationRange {
        var magnitudes = (0..<Self.half).map { Double(counts[Self.half + $0] + counts[Self.half - 1 - $0]) }
        magnitudes[0] = magnitudes[1]
        let used = magnitudes.lastIndex { $0 > 0 }.map { $0 + 1 } ?? 0
        var (best, least) = (used, Double.infinity)
        var beyond = magnitudes[..<used].dropFirst(levels).reduce(0, +)
        for kept in stride(from: levels, through: used, by: 1) {
            if kept > levels { beyond -= magnitudes[kept - 1] }
            let divergence = Self.divergence(of: magnitudes[..<kept], beyond: beyond, levels: levels)
            if divergence < least { (best, least) = (kept, divergence) }
        }
        let limit = Double(best) * width
        return best < used ? range.clipped(from: -limit, to: limit) : range
    }

    /// `sum P ln(P / Q)`, both normalized.
    private static func divergence(of bins: ArraySlice<Double>, beyond: Double, levels: Int) -> Double {
        var reference = Array(bins)
        reference[bins.count - 1] += beyond
        var candidate = [Double](repeating: 0, count: bins.count)
        for level in 0..<levels {
            let cell = level * bins.count / levels..<(level + 1) * bins.count / levels
            let filled = cell.filter { reference[$0] > 0 }
            let share = cell.reduce(0) { $0 + bins[$1] } / Double(max(1, filled.count))
            for bin in filled { candidate[bin] = max(share, 1e-4) }
        }
        let scale = candidate.reduce(0, +) / reference.reduce(0, +)
        guard scale > 0 else { return .infinity }
        let sum = zip(reference, candidate).reduce(0) { $1.0 > 0 ? $0 + $1.0 * log($1.0 * scale / $1.1) : $0 }
        return sum / reference.reduce(0, +)
    }
}
