package import Networks
internal import Tensors

/// A layer whose input or output channels can be projected onto fewer dimensions.
///
/// Projection onto the first directions `Q` of a principal component analysis turns `W x` into `(W Q) (Q' x)` on the
/// input side, and into `Q (Q' W x)` on the output side: layers with fewer parameters in place of one. A layer kind
/// takes part by a conformance in a file of its own.
protocol Projectable: Layer {
    /// Whether a layer of these hyperparameters can be projected.
    var isProjectable: Bool { get }

    /// The learnables of the layers that would replace this one; `nil` if the kind cannot be projected so.
    func learnables(projectedTo ranks: ProjectionRanks, input: Shape) -> Int?

    /// The layers that replace this one, in their order; the first reads what `node` reads.
    ///
    /// What the projections lose of the activations' means is folded into the last bias.
    func projected(_ projection: LayerProjection) -> [ProjectedPart]
}

extension Projectable {
    var isProjectable: Bool { true }
}

/// How many dimensions stay on each side of a layer; `nil` for a side that is not projected.
package struct ProjectionRanks: Hashable, Sendable {
    package var input: Int?
    package var output: Int?

    package init(input: Int? = nil, output: Int? = nil) {
        self.input = input
        self.output = output
    }
}

/// What projecting one layer needs: its parameters and the directions that stay.
struct LayerProjection {
    let name: String
    let ranks: ProjectionRanks
    let weights: [Float]
    let bias: [Float]?
    let input: PrincipalComponents?
    let output: PrincipalComponents?
}

/// One of the layers that replace a projected one, with its parameters by their names within the layer.
struct ProjectedPart {
    let name: String
    let layer: any Layer
    let parameters: [String: Tensor]
}

extension Network {
    /// The names of the layers that can be projected, in order.
    package var projectableLayers: [String] {
        nodes.filter { ($0.layer as? any Projectable)?.isProjectable == true }.map(\.name)
    }

    /// The names of the layers that `LayerNames` selects for projection.
    ///
    /// - Parameter patterns: `nil` selects every layer that can be projected.
    /// - Throws: ``CompressionError`` if the network is projected already, has no layer that can be projected, or a
    ///   pattern matches none.
    package func projectableLayers(matching patterns: [String]?) throws(CompressionError) -> [String] {
        try requireUnpacked()
        let names = projectableLayers
        guard !names.isEmpty else {
            throw CompressionError(
                .notApplicable,
                "the network has no layer that can be projected (\(Dense.kind) and \(Convolution1D.kind) without groups can)"
            )
        }
        return try LayerPattern.select(
            patterns, from: names, that: "can be projected (\(Dense.kind) and \(Convolution1D.kind) without groups can)"
        )
    }
}

// MARK: - Arithmetic shared by the conformances

extension LayerProjection {
    /// `[outputs, inputs, taps]` weights with their inputs replaced by the input directions: `[outputs, rank, taps]`.
    func projectingInputs(of weights: [Double], outputs: Int, taps: Int) -> [Double] {
        guard let rank = ranks.input, let input else { return weights }
        var result = [Double](repeating: 0, count: outputs * rank * taps)
        for output in 0..<outputs {
            for (index, direction) in input.directions.prefix(rank).enumerated() {
                for (channel, component) in direction.enumerated() {
                    for tap in 0..<taps {
                        result[(output * rank + index) * taps + tap] +=
                            weights[(output * input.dimension + channel) * taps + tap] * component
                    }
                }
            }
        }
        return result
    }

    /// `[outputs, rest]` weights with their outputs replaced by the output directions: `[rank, rest]`.
    func projectingOutputs(of weights: [Double], rest: Int) -> [Double] {
        guard let rank = ranks.output, let output else { return weights }
        var result = [Double](repeating: 0, count: rank * rest)
        for (index, direction) in output.directions.prefix(rank).enumerated() {
            for (channel, component) in direction.enumerated() {
                for element in 0..<rest {
                    result[index * rest + element] += component * weights[channel * rest + element]
                }
            }
        }
        return result
    }

    /// The bias of the whole projected layer, one value an output channel.
    ///
    /// With input directions `P`, output directions `Q` and means `m` and `n`: `b' = b + W (I - P P') m`, summed over
    /// taps, and then `Q Q' b' + (I - Q Q') n`.
    func foldedBias(outputs: Int, taps: Int) -> [Double] {
        var folded = bias.map { $0.map(Double.init) } ?? [Double](repeating: 0, count: outputs)
        if let rank = ranks.input, let input {
            let lost = input.lostMean(rank: rank)
            for output in 0..<outputs {
                for (channel, value) in lost.enumerated() {
                    for tap in 0..<taps {
                        folded[output] += Double(weights[(output * input.dimension + channel) * taps + tap]) * value
                    }
                }
            }
        }
        if let rank = ranks.output, let output {
            let directions = output.directions.prefix(rank)
            let parts = directions.map { direction in zip(direction, folded).reduce(0) { $0 + $1.0 * $1.1 } }
            folded = output.lostMean(rank: rank)
            for (direction, part) in zip(directions, parts) {
                for index in folded.indices { folded[index] += part * direction[index] }
            }
        }
        return folded
    }

    /// The input directions as rows: `[rank, inputs]`.
    var inputRows: [Double] { input.map { Array($0.directions.prefix(ranks.input ?? 0).joined()) } ?? [] }

    /// The output directions as columns: `[outputs, rank]`.
    var outputColumns: [Double] {
        guard let rank = ranks.output, let output else { return [] }
        return (0..<output.dimension).flatMap { channel in output.directions.prefix(rank).map { $0[channel] } }
    }
}

extension Tensor {
    /// Doubles, rounded to float32.
    init(rounding elements: [Double], shape: Shape) { self.init(elements.map { Float($0) }, shape: shape) }
}
