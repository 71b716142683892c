internal import Foundation
internal import Networks
internal import Tensors

extension ReferenceKernels {
    /// An LSTM or a GRU, each direction and each example on its own, from the formulas in their documentation.
    static func recurrent(
        _ x: ReferenceValues, _ layer: any RecurrentLayer, _ parameters: [[Double]]
    ) -> ReferenceValues {
        let units = layer.units
        let directions = type(of: layer).directions
        let isSequence = layer.outputMode == .sequence
        var y = ReferenceValues(
            shape: isSequence ? [directions * units, x.positions] : [directions * units], examples: x.examples)
        for direction in 0..<directions {
            for example in 0..<x.examples {
                let order = direction == 0 ? Array(0..<x.positions) : (0..<x.positions).reversed()
                var cell = RecurrentReference(layer, parameters, direction: direction, channels: x.channels)
                for step in order {
                    cell.advance((0..<x.channels).map { x[example, $0, step] })
                    for unit in 0..<units {
                        y[example, direction * units + unit, isSequence ? step : 0] = cell.hidden[unit]
                    }
                }
            }
        }
        return y
    }
}

/// The state of one direction for one example.
private struct RecurrentReference {
    let layer: any RecurrentLayer
    /// By their names within the layer.
    let parameters: [String: [Double]]
    let direction: Int
    let channels: Int
    var hidden: [Double]
    var cell: [Double]

    init(_ layer: any RecurrentLayer, _ parameters: [[Double]], direction: Int, channels: Int) {
        self.layer = layer
        let names = layer.parameters(inputs: [[channels, 1]]).map(\.name)
        self.parameters = Dictionary(uniqueKeysWithValues: zip(names, parameters))
        self.direction = direction
        self.channels = channels
        let zeros = [Double](repeating: 0, count: layer.units)
        (hidden, cell) = (zeros, zeros)
        guard layer.initialState == .given else { return }
        let own = direction * layer.units..<(direction + 1) * layer.units
        hidden = Array((self.parameters["initialHidden"] ?? [])[own])
        if let given = self.parameters["initialCell"] { cell = Array(given[own]) }
    }

    mutating func advance(_ x: [Double]) {
        switch layer {
        case is LSTM, is BiLSTM:
            let gate = (0..<4).map { index in (0..<layer.units).map { input(index, $0, x) + recurrent(index, $0) } }
            for unit in 0..<layer.units {
                let (i, f) = (sigmoid(gate[0][unit]), sigmoid(gate[1][unit]))
                cell[unit] = f * cell[unit] + i * tanh(gate[2][unit])
                hidden[unit] = sigmoid(gate[3][unit]) * tanh(cell[unit])
            }
        case let gru as GRU: advance(x, gru.resetGate)
        case let gru as BiGRU: advance(x, gru.resetGate)
        default: preconditionFailure("no reference of \(layer.kind)")
        }
    }

    private mutating func advance(_ x: [Double], _ resetGate: ResetGate) {
        let units = 0..<layer.units
        let before = hidden
        let r = units.map { sigmoid(input(0, $0, x) + recurrent(0, $0)) }
        let z = units.map { sigmoid(input(1, $0, x) + recurrent(1, $0)) }
        let n: [Double]
        switch resetGate {
        case .after:
            let bias = (parameters["recurrentBias"] ?? [])[direction * layer.units..<(direction + 1) * layer.units]
            n = units.map { tanh(input(2, $0, x) + r[$0] * (recurrent(2, $0) + bias[bias.startIndex + $0])) }
        case .before:
            hidden = units.map { r[$0] * before[$0] }
            n = units.map { tanh(input(2, $0, x) + recurrent(2, $0)) }
        }
        hidden = units.map { (1 - z[$0]) * n[$0] + z[$0] * before[$0] }
    }

    /// `W x + b` for one unit of a gate; with a projector P, `W (P x) + b`.
    private func input(_ gate: Int, _ unit: Int, _ x: [Double]) -> Double {
        sum("inputWeights", gate, unit, projected(x, by: "inputProjector", size: layer.projectors.input, block: 0))
            + (parameters["bias"] ?? [])[row(gate, unit)]
    }

    /// `R h` for one unit of a gate; with a projector Q, `R (Q h)`.
    private func recurrent(_ gate: Int, _ unit: Int) -> Double {
        let size = layer.projectors.output
        return sum(
            "recurrentWeights", gate, unit, projected(hidden, by: "outputProjector", size: size, block: direction))
    }

    private func sum(_ weights: String, _ gate: Int, _ unit: Int, _ values: [Double]) -> Double {
        let (weights, row) = (parameters[weights] ?? [], row(gate, unit))
        return values.indices.reduce(0) { $0 + weights[row * values.count + $1] * values[$1] }
    }

    private func projected(_ values: [Double], by projector: String, size: Int?, block: Int) -> [Double] {
        guard let size, let rows = parameters[projector] else { return values }
        return (block * size..<(block + 1) * size).map { row in
            values.indices.reduce(0) { $0 + rows[row * values.count + $1] * values[$1] }
        }
    }

    private func row(_ gate: Int, _ unit: Int) -> Int {
        let gates = layer is LSTM || layer is BiLSTM ? 4 : 3
        return (direction * gates + gate) * layer.units + unit
    }

    private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
