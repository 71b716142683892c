internal import Kernels
package import Networks
internal import Tensors

/// The same layer with projectors: of its input onto the directions of its input, of its hidden state onto those of its
/// hidden states after every step, for each direction of the sequence its own.
///
/// What is lost of the input's mean is folded into the bias exactly. So is what the recurrent weights make of the lost
/// mean of the hidden states, which the state before the first step, zero or given, does not have. Two biases cannot
/// hold it: with the reset gate of a GRU after the product it goes to `recurrentBias`, before the product it is left
/// out for the candidate, whose weights read the state after the gate.
extension LSTM: Projectable {}
extension BiLSTM: Projectable {}
extension GRU: Projectable {}
extension BiGRU: Projectable {}

extension Projectable where Self: RecurrentLayer {
    static var outputBlocks: Int { directions }

    var reasonNotToProject: String? { projectors == .none ? nil : "it has projectors already" }

    func learnables(projectedTo ranks: ProjectionRanks, input: Shape) -> Int? {
        projected(to: ranks).parameters(inputs: [input]).filter { $0.role == .learnable }.map(\.shape.count).reduce(
            0, +)
    }

    private func projected(to ranks: ProjectionRanks) -> Self {
        var layer = self
        layer.projectors = RecurrentProjectors(input: ranks.input, output: ranks.output)
        return layer
    }

    func projected(_ projection: LayerProjection) -> [ProjectedPart] {
        let (rows, all) = (cell.gates * units, Self.directions * cell.gates * units)
        var parameters = projection.parameters
        var (bias, recurrentBias) = (projection.doubles("bias"), projection.doubles("recurrentBias"))
        func set(_ name: String, _ values: [Double], _ shape: Shape) {
            parameters[name] = Tensor(rounding: values, shape: shape)
        }
        if let input = projection.input {
            let weights = projection.doubles("inputWeights")
            set("inputProjector", input.rows, [input.rank, input.dimension])
            set("inputWeights", input.projectingInputs(of: weights, outputs: all), [all, input.rank])
            input.addLostMean(through: weights, to: &bias)
        }
        if let rank = projection.outputs.first?.rank {
            let weights = projection.doubles("recurrentWeights")
            var inner: [Double] = []
            for (direction, output) in projection.outputs.enumerated() {
                let own = Array(weights[direction * rows * units..<(direction + 1) * rows * units])
                inner += output.projectingInputs(of: own, outputs: rows)
                var lost = [Double](repeating: 0, count: rows)
                output.addLostMean(through: own, to: &lost)
                // The rows whose sums the state enters as it is; of a GRU, all but those of the candidate.
                let direct = cell == .lstm ? rows : 2 * units
                for row in 0..<direct { bias[direction * rows + row] += lost[row] }
                guard cell == .gruResetAfter else { continue }
                for unit in 0..<units { recurrentBias[direction * units + unit] += lost[direct + unit] }
            }
            set("outputProjector", projection.outputs.flatMap(\.rows), [Self.directions * rank, units])
            set("recurrentWeights", inner, [all, rank])
        }
        set("bias", bias, [all])
        if !recurrentBias.isEmpty { set("recurrentBias", recurrentBias, [Self.directions * units]) }
        return [ProjectedPart(name: projection.name, layer: projected(to: projection.ranks), parameters: parameters)]
    }
}
