internal import Tensors

/// The first directions `Q` of principal components, and what weights become on either side of them.
struct Subspace {
    let components: PrincipalComponents
    let rank: Int

    var dimension: Int { components.dimension }

    /// The directions as rows, `Q'`: `[rank, dimension]`.
    var rows: [Double] { Array(components.directions.prefix(rank).joined()) }

    /// The directions as columns, `Q`: `[dimension, rank]`.
    var columns: [Double] {
        (0..<dimension).flatMap { channel in components.directions.prefix(rank).map { $0[channel] } }
    }

    /// `[outputs, dimension, taps]` weights with their inputs replaced by the directions: `[outputs, rank, taps]`.
    func projectingInputs(of weights: [Double], outputs: Int, taps: Int = 1) -> [Double] {
        var result = [Double](repeating: 0, count: outputs * rank * taps)
        for output in 0..<outputs {
            for (index, direction) in components.directions.prefix(rank).enumerated() {
                for (channel, component) in direction.enumerated() {
                    for tap in 0..<taps {
                        result[(output * rank + index) * taps + tap] +=
                            weights[(output * dimension + channel) * taps + tap] * component
                    }
                }
            }
        }
        return result
    }

    /// `[dimension, rest]` weights with their outputs replaced by the directions: `[rank, rest]`.
    func projectingOutputs(of weights: [Double], rest: Int) -> [Double] {
        var result = [Double](repeating: 0, count: rank * rest)
        for (index, direction) in components.directions.prefix(rank).enumerated() {
            for (channel, component) in direction.enumerated() {
                for element in 0..<rest {
                    result[index * rest + element] += component * weights[channel * rest + element]
                }
            }
        }
        return result
    }

    /// Adds to a bias what the weights make of the part of the mean that the directions lose: `W (I - Q Q') mean`,
    /// summed over taps.
    func addLostMean(through weights: [Double], taps: Int = 1, to bias: inout [Double]) {
        let lost = components.lostMean(rank: rank)
        for output in bias.indices {
            for (channel, value) in lost.enumerated() {
                for tap in 0..<taps {
                    bias[output] += weights[(output * dimension + channel) * taps + tap] * value
                }
            }
        }
    }

    /// A bias in front of the projection, behind it: `Q Q' bias + (I - Q Q') mean`.
    func projecting(bias: [Double]) -> [Double] {
        let directions = components.directions.prefix(rank)
        let parts = directions.map { direction in zip(direction, bias).reduce(0) { $0 + $1.0 * $1.1 } }
        var projected = components.lostMean(rank: rank)
        for (direction, part) in zip(directions, parts) {
            for index in projected.indices { projected[index] += part * direction[index] }
        }
        return projected
    }
}

extension Tensor {
    /// Doubles, rounded to float32.
    init(rounding elements: [Double], shape: Shape) { self.init(elements.map { Float($0) }, shape: shape) }
}
