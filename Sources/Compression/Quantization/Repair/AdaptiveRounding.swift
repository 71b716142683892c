internal import Foundation
internal import Kernels

/// Chooses for each weight whether it is rounded down or up, so that the outputs of its layer change least: AdaRound
/// (Nagel et al., "Up or down? Adaptive rounding for post-training quantization", 2020).
///
/// A weight is `s clip(floor(w / s) + h(V), -127, 127)` with the rectified sigmoid
/// `h(V) = clip(1.2 sigmoid(V) - 0.1, 0, 1)`, which begins at the fraction of `w / s`. Adam (learn rate 0.01) makes
/// `mean of |outputs - targets|^2 + 0.01 sum (1 - |2 h - 1|^beta)` small, with outputs in steps of the layer's output,
/// over all patches at once. `beta` goes from 20 to 2 by a cosine, after a fifth of the iterations without the second
/// term. From there, single weights go to their other neighbour as long as the error falls, and a filter that would be
/// better off with all weights rounded to the nearest has them so.
package struct AdaptiveRounding {
    private let moments: PatchMoments
    private let steps: [Double]
    private let outputStep: Double
    private let iterations: Int

    /// - Parameters:
    ///   - steps: The real size of a step of each filter's weights.
    ///   - outputStep: That of the layer's output.
    package init(moments: PatchMoments, steps: [Double], outputStep: Double, iterations: Int) {
        self.moments = moments
        self.steps = steps
        self.outputStep = outputStep
        self.iterations = iterations
    }

    private static let (rate, beta1, beta2, epsilon) = (0.01, 0.9, 0.999, 1e-8)
    private static let weight = 0.01

    /// The integers of the weights of filters that read the same patches.
    ///
    /// - Parameters:
    ///   - weights: `[filters, size]`.
    ///   - check: Called often; throws to stop.
    package func integers(of weights: [Double], check: () throws -> Void = {}) throws -> [Double] {
        let size = moments.size
        let lowest = weights.indices.map { (weights[$0] / steps[$0 / size]).rounded(.down) }
        // What is a whole number of steps stays; so does a zero.
        let isFree = weights.indices.map { weights[$0] != lowest[$0] * steps[$0 / size] }
        var logits = weights.indices.map { index -> Double in
            let share = (weights[index] / steps[index / size] - lowest[index] + 0.1) / 1.2
            return -log(1 / share - 1)
        }
        // In steps of the output, and a mean over patches.
        let scale = 1 / (Double(max(1, moments.count)) * outputStep * outputStep)
        var (first, second) = (weights.map { _ in 0.0 }, weights.map { _ in 0.0 })
        let free = iterations / 5
        for iteration in 0..<iterations {
            try check()
            let sigmoids = logits.map { 1 / (1 + exp(-$0)) }
            let shares = sigmoids.map { max(0, min(1, 1.2 * $0 - 0.1)) }
            let soft = weights.indices.map { Self.clip(lowest[$0] + shares[$0]) * steps[$0 / size] }
            let products = product(soft)
            let part = Double(iteration - free) / Double(max(1, iterations - free))
            let beta = 2 + 9 * (1 + cos(Double.pi * part))
            let (correction1, correction2) = (
                1 - pow(Self.beta1, Double(iteration + 1)), 1 - pow(Self.beta2, Double(iteration + 1))
            )
            for index in weights.indices where isFree[index] && shares[index] > 0 && shares[index] < 1 {
                let isInside = abs(lowest[index] + shares[index]) < 127
                var gradient =
                    isInside
                    ? 2 * scale * (products[index] - moments.targets[index]) * steps[index / size] : 0
                if iteration >= free {
                    let lean = 2 * shares[index] - 1
                    gradient -= Self.weight * 2 * beta * pow(abs(lean), beta - 1) * (lean < 0 ? -1 : 1)
                }
                gradient *= 1.2 * sigmoids[index] * (1 - sigmoids[index])
                first[index] = Self.beta1 * first[index] + (1 - Self.beta1) * gradient
                second[index] = Self.beta2 * second[index] + (1 - Self.beta2) * gradient * gradient
                logits[index] -=
                    Self.rate * (first[index] / correction1)
                    / ((second[index] / correction2).squareRoot() + Self.epsilon)
            }
        }
        let chosen = try descended(from: logits.map { $0 >= 0 }, lowest, isFree, check)
        let nearest = weights.indices.map { index in
            Self.clip((weights[index] / steps[index / size]).rounded(.toNearestOrAwayFromZero))
        }
        let (errors, plain) = (self.errors(of: chosen), self.errors(of: nearest))
        return weights.indices.map { errors[$0 / size] < plain[$0 / size] ? chosen[$0] : nearest[$0] }
    }

    /// The integers after the most useful changes of single weights, one after the other.
    ///
    /// A change of weight `i` by `d` changes the error by `2 d (G w - c)_i + d^2 G_ii`.
    private func descended(
        from isUp: [Bool], _ lowest: [Double], _ isFree: [Bool], _ check: () throws -> Void
    ) throws -> [Double] {
        let size = moments.size
        var isUp = isUp
        func integer(_ index: Int) -> Double { Self.clip(lowest[index] + (isUp[index] ? 1 : 0)) }
        var slopes = product(lowest.indices.map { integer($0) * steps[$0 / size] })
        for index in slopes.indices { slopes[index] -= moments.targets[index] }
        for filter in 0..<moments.filters {
            let rows = filter * size..<(filter + 1) * size
            for _ in rows {
                try check()
                var best: (index: Int, change: Double, gain: Double) = (0, 0, 0)
                for index in rows where isFree[index] {
                    let change = (Self.clip(lowest[index] + (isUp[index] ? 0 : 1)) - integer(index)) * steps[filter]
                    let place = index - rows.lowerBound
                    let gain = -change * (2 * slopes[index] + change * moments.products[place * size + place])
                    if gain > best.gain { best = (index, change, gain) }
                }
                guard best.gain > 0 else { break }
                isUp[best.index].toggle()
                for place in 0..<size {
                    slopes[rows.lowerBound + place] +=
                        best.change * moments.products[(best.index - rows.lowerBound) * size + place]
                }
            }
        }
        return lowest.indices.map(integer)
    }

    /// The squared error of each filter, less what does not depend on its weights.
    private func errors(of integers: [Double]) -> [Double] {
        let size = moments.size
        let weights = integers.indices.map { integers[$0] * steps[$0 / size] }
        let products = product(weights)
        return (0..<moments.filters).map { filter in
            (filter * size..<(filter + 1) * size).reduce(0) {
                $0 + weights[$1] * (products[$1] - 2 * moments.targets[$1])
            }
        }
    }

    private func product(_ weights: [Double]) -> [Double] {
        LinearAlgebra.product(
            weights, moments.products, rows: moments.filters, inner: moments.size, columns: moments.size)
    }

    private static func clip(_ integer: Double) -> Double { max(-127, min(127, integer)) }
}
