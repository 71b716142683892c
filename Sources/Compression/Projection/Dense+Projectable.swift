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
        let weights = projection.doubles("weights")
        let inputs = weights.count / outputs
        var (first, second, bias) = (weights, weights, projection.doubles("bias"))
        if bias.isEmpty { bias = [Double](repeating: 0, count: outputs) }
        var rank = outputs
        if let input = projection.input {
            (rank, first) = (input.rank, input.rows)
            second = input.projectingInputs(of: weights, outputs: outputs)
            input.addLostMean(through: weights, to: &bias)
        } else if let output = projection.outputs.first {
            (rank, second) = (output.rank, output.columns)
            first = output.projectingOutputs(of: weights, rest: inputs)
            bias = output.projecting(bias: bias)
        }
        return [
            ProjectedPart(
                name: "\(projection.name)_proj_in", layer: Dense(outputs: rank, hasBias: false),
                parameters: ["weights": Tensor(rounding: first, shape: [rank, inputs])]),
            ProjectedPart(
                name: "\(projection.name)_proj_out", layer: Dense(outputs: outputs),
                parameters: [
                    "weights": Tensor(rounding: second, shape: [outputs, rank]),
                    "bias": Tensor(rounding: bias, shape: [outputs]),
                ]),
        ]
    }
}
