import Compression
import Foundation
import Tensors
import Testing

/// Each method against its definition, written down once more over the plain values.
@Suite struct ActivationHistogramTests {
    /// Values of many magnitudes: noise, rectified noise with a tail, a shifted bump; the first of the kinds once in a
    /// while far out.
    private static func values(_ kind: Int, seed: UInt64, count: Int = 3000) -> [Float] {
        var random = RandomStream(seed: seed, name: "values")
        let size = Float(pow(10, Double(4 * random.uniform() - 2)))
        return (0..<count).map { index in
            let noise = (0..<4).reduce(Float(0)) { sum, _ in sum + random.uniform() - 0.5 }
            return switch kind % 3 {
            case 0: size * noise * (index % 997 == 5 ? 20 : 1)
            case 1: size * max(0, noise) * max(0, noise) * 4
            default: size * (noise + 3)
            }
        }
    }

    private static func histogram(_ values: [Float], batch: Int = 64) -> ActivationHistogram {
        var histogram = ActivationHistogram()
        for start in stride(from: 0, to: values.count, by: batch) {
            histogram.include(values[start..<min(values.count, start + batch)])
        }
        return histogram
    }

    private static func range(
        _ values: [Float], _ method: CalibrationMethod, percentile: Double = 99.99, levels: Int = 128
    ) -> ActivationRange {
        var options = CalibrationOptions()
        (options.method, options.percentile) = (method, percentile)
        return histogram(values).range(by: options, levels: levels)
    }

    @Test(arguments: 0..<6, UInt64(0)..<10)
    func `values are counted in bins that suit them all, whatever the batches`(kind: Int, seed: UInt64) {
        // From small to large, so that the range doubles again and again.
        let values = Self.values(kind, seed: seed).sorted { abs($0) < abs($1) }
        let histogram = Self.histogram(values)
        let peak = values.reduce(0) { max($0, abs(Double($1))) }
        let limit = histogram.width * Double(ActivationHistogram.half)
        #expect(limit >= peak && limit < 2 * peak)
        var counts = [Int](repeating: 0, count: 2 * ActivationHistogram.half)
        for value in values {
            let bin = Int(floor(Double(value) / histogram.width)) + ActivationHistogram.half
            counts[min(bin, counts.count - 1)] += 1
        }
        #expect(histogram.counts == counts && histogram.total == values.count)
        #expect(histogram.range.minimum == min(0, values.min() ?? 0))
        #expect(histogram.range.maximum == max(0, values.max() ?? 0))
        #expect(Self.histogram(values.reversed(), batch: 7) == histogram)
    }

    @Test func `zeros alone, no value at all and a value that is none`() {
        let zeros = Self.histogram([0, 0, 0])
        #expect(zeros.total == 3 && zeros.range.peak == 0)
        for method in CalibrationMethod.allCases {
            #expect(Self.range([0, 0, 0], method).peak == 0)
            #expect(Self.range([], method).peak == 0)
        }
        #expect(!Self.histogram([1, .nan]).range.isFinite)
        #expect(!Self.histogram([1, .infinity]).range.isFinite)
        #expect(Self.range([2, -1, 0.5], .minmax) == ActivationRange(from: -1, to: 2))
    }

    @Test(arguments: 0..<3, [UInt64(1), 2, 3])
    func `the percentile leaves out as much as it may on either side`(kind: Int, seed: UInt64) {
        let values = Self.values(kind, seed: seed)
        let width = Self.histogram(values).width
        for percent in [99.99, 99.9, 99, 90] {
            let range = Self.range(values, .percentile, percentile: percent)
            let most = Double(values.count) * (100 - percent) / 200
            func share(beyond limit: Double) -> Double { Double(values.filter { Double($0) > limit }.count) }
            func share(below limit: Double) -> Double { Double(values.filter { Double($0) < limit }.count) }
            #expect(share(beyond: Double(range.maximum)) <= most)
            #expect(share(beyond: Double(range.maximum) - 1.001 * width) > most)
            #expect(share(below: Double(range.minimum)) <= most || range.minimum == 0)
            #expect(range.minimum == 0 || share(below: Double(range.minimum) + 1.001 * width) > most)
        }
        #expect(Self.range(values, .percentile, percentile: 100) == Self.range(values, .minmax))
    }

    private static func squaredError(_ values: [Float], _ quantization: ActivationQuantization) -> Double {
        values.reduce(0) { sum, value in
            let error = Double(value) - Double(quantization.dequantize(quantization.quantize(value)))
            return sum + error * error
        }
    }

    @Test(arguments: 0..<3, UInt64(0)..<6)
    func `no magnitude has a clearly smaller squared error`(kind: Int, seed: UInt64) {
        let values = Self.values(kind, seed: seed)
        let all = Self.range(values, .minmax)
        let least = (1...128).map { part in
            let limit = all.peak * Double(part) / 128
            return Self.squaredError(values, all.clipped(from: -limit, to: limit).affineQuantization)
        }.min()
        let found = Self.squaredError(values, Self.range(values, .mse).affineQuantization)
        #expect(found <= 1.02 * (least ?? 0), "\(found) and \(least ?? 0)")
    }

    /// As the slides have it, with lists for distributions.
    private static func leastDivergence(_ values: [Float], levels: Int) -> ActivationRange {
        let (width, bins) = (histogram(values).width, ActivationHistogram.half)
        var magnitudes = [Double](repeating: 0, count: bins)
        for value in values {
            let bin = value < 0 ? Int(ceil(Double(-value) / width)) - 1 : Int(floor(Double(value) / width))
            magnitudes[min(bin, bins - 1)] += 1
        }
        magnitudes[0] = magnitudes[1]
        while magnitudes.last == 0 { magnitudes.removeLast() }
        var best: (divergence: Double, kept: Int) = (.infinity, magnitudes.count)
        for kept in stride(from: levels, through: magnitudes.count, by: 1) {
            var reference = Array(magnitudes[..<kept])
            reference[kept - 1] += magnitudes[kept...].reduce(0, +)
            var candidate: [Double] = []
            for level in 0..<levels {
                let group = magnitudes[level * kept / levels..<(level + 1) * kept / levels]
                let filled = Double(group.indices.filter { reference[$0] > 0 }.count)
                candidate += group.indices.map { reference[$0] > 0 ? max(1e-4, group.reduce(0, +) / filled) : 0 }
            }
            let (sumP, sumQ) = (reference.reduce(0, +), candidate.reduce(0, +))
            let divergence = zip(reference, candidate).reduce(0) { sum, pair in
                pair.0 > 0 ? sum + pair.0 / sumP * log((pair.0 / sumP) / (pair.1 / sumQ)) : sum
            }
            if divergence < best.divergence - 1e-12 { best = (divergence, kept) }
        }
        let all = range(values, .minmax)
        guard best.kept < magnitudes.count else { return all }
        return all.clipped(from: -Double(best.kept) * width, to: Double(best.kept) * width)
    }

    @Test(arguments: 0..<3, UInt64(0)..<4)
    func `the divergence is the least of all magnitudes`(kind: Int, seed: UInt64) {
        let values = Self.values(kind, seed: seed)
        for levels in [128, 256] {
            let (found, expected) = (
                Self.range(values, .entropy, levels: levels), Self.leastDivergence(values, levels: levels)
            )
            #expect(found == expected)
        }
    }

    @Test func `a far value is given up where the squared error does not decide`() {
        var values = Self.values(2, seed: 5, count: 20_000).map { $0 / 3 }
        values[77] *= 50
        let all = Self.range(values, .minmax)
        for method in [CalibrationMethod.percentile, .entropy] {
            #expect(Self.range(values, method).peak < all.peak / 4, "\(method)")
        }
    }

    @Test(arguments: CalibrationMethod.allCases, UInt64(0)..<4)
    func `no other candidate of a power of two has a clearly smaller error`(method: CalibrationMethod, seed: UInt64) {
        let values = Self.values(0, seed: seed)
        var options = CalibrationOptions()
        options.method = method
        let chosen = Self.histogram(values).quantization(.powerOfTwo, by: options)
        let range = Self.range(values, method == .mse ? .minmax : method, levels: 128)
        let covering = Int((log2(range.peak / 127)).rounded(.up))
        let errors = (0..<(method == .mse ? 8 : 3)).map { lower in
            Self.squaredError(
                values, ActivationQuantization(scale: .exponent(Int8(covering - lower)), zeroPoint: 0))
        }
        #expect(Self.squaredError(values, chosen) <= 1.02 * (errors.min() ?? 0))
    }
}
