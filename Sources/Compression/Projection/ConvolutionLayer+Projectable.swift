package import Networks
internal import Tensors

/// A convolution of one tap into the input's subspace, the convolution inside, and one tap back; either may be absent.
///
/// The folded mean is exact where a filter sees no padding: padding is zero, not the mean.
protocol ProjectableConvolution: ConvolutionLayer, Projectable {
    /// A convolution of one tap, which mixes the channels of each position.
    static func pointwise(filters: Int, hasBias: Bool) -> Self
}

extension Convolution1D: ProjectableConvolution {
    static func pointwise(filters: Int, hasBias: Bool) -> Self {
        Convolution1D(filters: filters, filterSize: 1, hasBias: hasBias)
    }
}

extension Convolution2D: ProjectableConvolution {
    static func pointwise(filters: Int, hasBias: Bool) -> Self {
        Convolution2D(filters: filters, filterSize: [1, 1], hasBias: hasBias)
    }
}

extension ProjectableConvolution {
    var reasonNotToProject: String? {
        groups == 1 ? nil : "its filters read the channels of their group alone, and directions are of them all"
    }

    private var taps: Int { window.reduce(1, *) }

    /// `p C + k p q + q F + F` with both sides, where the side that is not projected has no layer of its own.
    func learnables(projectedTo ranks: ProjectionRanks, input: Shape) -> Int? {
        let (channels, p, q) = (input[0], ranks.input ?? input[0], ranks.output ?? filters)
        let before = ranks.input == nil ? 0 : p * channels
        let after = ranks.output == nil ? 0 : q * filters
        return before + taps * p * q + after + filters
    }

    func projected(_ projection: LayerProjection) -> [ProjectedPart] {
        let weights = projection.doubles("weights")
        let channels = weights.count / (filters * taps)
        var (inner, bias) = (weights, projection.doubles("bias"))
        if bias.isEmpty { bias = [Double](repeating: 0, count: filters) }
        var layer = self
        var parts: [ProjectedPart] = []
        if let input = projection.input {
            inner = input.projectingInputs(of: inner, outputs: filters, taps: taps)
            input.addLostMean(through: weights, taps: taps, to: &bias)
            parts.append(
                part(
                    "\(projection.name)_proj_in", .pointwise(filters: input.rank, hasBias: false), channels, input.rows)
            )
        }
        let rank = projection.input?.rank ?? channels
        guard let output = projection.outputs.first else {
            layer.hasBias = true
            return parts + [part(projection.name, layer, rank, inner, bias)]
        }
        layer.filters = output.rank
        layer.hasBias = false
        inner = output.projectingOutputs(of: inner, rest: rank * taps)
        return parts + [
            part(projection.name, layer, rank, inner),
            part(
                "\(projection.name)_proj_out", .pointwise(filters: filters, hasBias: true), output.rank, output.columns,
                output.projecting(bias: bias)),
        ]
    }

    private func part(
        _ name: String, _ layer: Self, _ channels: Int, _ weights: [Double], _ bias: [Double]? = nil
    ) -> ProjectedPart {
        var parameters = ["weights": Tensor(rounding: weights, shape: Shape([layer.filters, channels] + layer.window))]
        parameters["bias"] = bias.map { Tensor(rounding: $0, shape: [layer.filters]) }
        return ProjectedPart(name: name, layer: layer, parameters: parameters)
    }
}
