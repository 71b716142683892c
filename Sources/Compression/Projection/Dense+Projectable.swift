package import Networks
internal import Tensors

/// Two dense layers with the subspace between them, of the input or of the output.
extension Dense: Projectable {
    /// `r (inputs + outputs) + outputs`; a second subspace would only add a layer between the two.
    func learnables(projectedTo ranks: ProjectionRanks, input: Shape) -> Int? {
        switch (ranks.input, ranks.output) {
        case (let rank?, nil), (nil, let rank?): rank * (input[0] + outputs) + outputs
        default: nil
        }
    }

    func projected(_ projection: LayerProjection) -> [ProjectedPart] {
        let inputs = projection.weights.count / outputs
        let weights = projection.weights.map(Double.init)
        let (rank, first, second): (Int, [Double], [Double])
        if let kept = projection.ranks.input {
            rank = kept
            first = projection.inputRows
            second = projection.projectingInputs(of: weights, outputs: outputs, taps: 1)
        } else {
            rank = projection.ranks.output ?? outputs
            first = projection.projectingOutputs(of: weights, rest: inputs)
            second = projection.outputColumns
        }
        let bias = Tensor(rounding: projection.foldedBias(outputs: outputs, taps: 1), shape: [outputs])
        return [
            ProjectedPart(
                name: "\(projection.name)_proj_in", layer: Dense(outputs: rank, hasBias: false),
                parameters: ["weights": Tensor(rounding: first, shape: [rank, inputs])]),
            ProjectedPart(
                name: "\(projection.name)_proj_out", layer: Dense(outputs: outputs),
                parameters: ["weights": Tensor(rounding: second, shape: [outputs, rank]), "bias": bias]),
        ]
    }
}
