package import Networks
internal import Tensors

/// A convolution of one tap into the input's subspace, the convolution inside, and one tap back; either may be absent.
///
/// The folded mean is exact where a filter sees no padding: padding is zero, not the mean.
extension Convolution1D: Projectable {
    /// A filter of a group reads some channels alone: it has no part in directions of them all.
    var isProjectable: Bool { groups == 1 }

    /// `p C + k p q + q F + F` with both sides, where the side that is not projected has no layer of its own.
    func learnables(projectedTo ranks: ProjectionRanks, input: Shape) -> Int? {
        let (channels, p, q) = (input[0], ranks.input ?? input[0], ranks.output ?? filters)
        let before = ranks.input == nil ? 0 : p * channels
        let after = ranks.output == nil ? 0 : q * filters
        return before + filterSize * p * q + after + filters
    }

    func projected(_ projection: LayerProjection) -> [ProjectedPart] {
        let (name, ranks) = (projection.name, projection.ranks)
        let inner = projection.projectingOutputs(
            of: projection.projectingInputs(
                of: projection.weights.map(Double.init), outputs: filters, taps: filterSize),
            rest: (ranks.input ?? projection.weights.count / (filters * filterSize)) * filterSize)
        let bias = Tensor(rounding: projection.foldedBias(outputs: filters, taps: filterSize), shape: [filters])
        var parts: [ProjectedPart] = []
        if let rank = ranks.input {
            let rows = projection.inputRows
            parts.append(
                ProjectedPart(
                    name: "\(name)_proj_in", layer: Convolution1D(filters: rank, filterSize: 1, hasBias: false),
                    parameters: ["weights": Tensor(rounding: rows, shape: [rank, rows.count / rank, 1])]))
        }
        var layer = self
        layer.filters = ranks.output ?? filters
        layer.hasBias = ranks.output == nil
        let shape: Shape = [layer.filters, inner.count / (layer.filters * filterSize), filterSize]
        let weights = ["weights": Tensor(rounding: inner, shape: shape)]
        let innerParameters = layer.hasBias ? weights.merging(["bias": bias]) { $1 } : weights
        parts.append(ProjectedPart(name: name, layer: layer, parameters: innerParameters))
        if let rank = ranks.output {
            let columns = Tensor(rounding: projection.outputColumns, shape: [filters, rank, 1])
            parts.append(
                ProjectedPart(
                    name: "\(name)_proj_out", layer: Convolution1D(filters: filters, filterSize: 1),
                    parameters: ["weights": columns, "bias": bias]))
        }
        return parts
    }
}
