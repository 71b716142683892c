import Compression
import Foundation
import Kernels
import Networks
import Tensors

/// An LSTM or a GRU in integers, row by row and step by step.
struct IntegerRecurrentReference {
    private let place: IntegerPlace
    private let layer: any RecurrentLayer
    private let units: Int
    private let gates: Int

    init(_ place: IntegerPlace, _ layer: any RecurrentLayer) {
        (self.place, self.layer, units, gates) = (place, layer, layer.units, layer.cell.gates)
    }

    func output(_ x: [Int8]) -> [Int8] {
        let directions = type(of: layer).directions
        let (channels, steps) = (place.inputShapes[0][0], place.inputShapes[0][1])
        let isLast = layer.outputMode == .last
        let final = Rescaling(.exponent(-15), to: place.output.scale)
        var y = [Int8](repeating: 0, count: place.outputShape.count)
        for direction in 0..<directions {
            let own = direction * units..<(direction + 1) * units
            let exponent = place.scales("cell").first?.exponent ?? -15
            var hidden = state("initialHidden", own, exponent: -15)
            var cell = state("initialCell", own, exponent: exponent)
            for step in direction == 0 ? Array(0..<steps) : (0..<steps).reversed() {
                let column = (0..<channels).map { Int(x[$0 * steps + step]) - Int(place.inputs[0].zeroPoint) }
                advance(column, direction, &hidden, &cell, cellExponent: exponent)
                for unit in 0..<units {
                    let row = direction * units + unit
                    y[isLast ? row : row * steps + step] = IntegerReference(place: place).rounded(hidden[unit], final)
                }
            }
        }
        return y
    }

    private func state(_ name: String, _ range: Range<Int>, exponent: Int) -> [Int] {
        guard let values = place.floats(name) else { return Array(repeating: 0, count: units) }
        return values[range].map { value in
            let step = Double(sign: .plus, exponent: exponent, significand: 1)
            return int16(Int((Double(value) / step).rounded(.toNearestOrAwayFromZero)))
        }
    }

    private func advance(_ x: [Int], _ direction: Int, _ hidden: inout [Int], _ cell: inout [Int], cellExponent: Int) {
        let projected = project("inputProjector", layer.projectors.input, 0, x, place.inputs[0].scale)
        let bias = place.int32s("bias", count: type(of: layer).directions * gates * units)
        func input(_ gate: Int, _ unit: Int) -> Int {
            let row = (direction * gates + gate) * units + unit
            return part("inputWeights", row, projected.values, projected.scale) + Int(bias[row])
        }
        func recurrent(_ gate: Int, _ unit: Int, _ state: [Int]) -> Int {
            let row = (direction * gates + gate) * units + unit
            let read = project("outputProjector", layer.projectors.output, direction, state, .exponent(-15))
            return part("recurrentWeights", row, read.values, read.scale)
        }
        let before = hidden
        func gate(_ index: Int, _ unit: Int) -> Int { input(index, unit) + recurrent(index, unit, before) }
        if layer.cell == .lstm {
            for unit in 0..<units {
                let (i, f) = (sigmoid(gate(0, unit)), sigmoid(gate(1, unit)))
                let (g, o) = (hyperbolic(gate(2, unit)), sigmoid(gate(3, unit)))
                cell[unit] = int16(shifted(f * cell[unit] + shifted(i * g, -(cellExponent + 15)), -15))
                hidden[unit] = int16(shifted(o * hyperbolic(shifted(cell[unit], cellExponent + 16)), -15))
            }
            return
        }
        let r = (0..<units).map { sigmoid(gate(0, $0)) }
        let reset = (0..<units).map { shifted(r[$0] * before[$0], -15) }
        let recurrentBias = place.int32s("recurrentBias", count: type(of: layer).directions * units)
        for unit in 0..<units {
            let z = sigmoid(gate(1, unit))
            let candidate =
                layer.cell == .gruResetBefore
                ? recurrent(2, unit, reset)
                : shifted(
                    r[unit] * (recurrent(2, unit, before) + Int(recurrentBias[direction * units + unit])), -15)
            let n = hyperbolic(input(2, unit) + candidate)
            hidden[unit] = int16(shifted((32768 - z) * n + z * before[unit], -15))
        }
    }

    // MARK: - Products

    private func sum(_ weights: String, _ row: Int, _ x: [Int]) -> Int {
        let all = place.int8s(weights)
        return x.indices.reduce(0) { $0 + Int(all[row * x.count + $1]) * x[$1] }
    }

    private func scale(_ weights: String, _ row: Int) -> QuantizationScale {
        let scales = place.scales(weights)
        return scales[scales.count == 1 ? 0 : row]
    }

    /// In steps of 2^-16.
    private func part(_ weights: String, _ row: Int, _ x: [Int], _ step: QuantizationScale) -> Int {
        Int(Rescaling(step, scale(weights, row), to: .exponent(-16))(Int32(sum(weights, row, x))))
    }

    /// What a projector makes, in int16 with the smallest exponent that its weights cannot exceed.
    private func project(
        _ weights: String, _ size: Int?, _ direction: Int, _ x: [Int], _ step: QuantizationScale
    ) -> (values: [Int], scale: QuantizationScale) {
        guard let size else { return (x, step) }
        let reach = weights == "inputProjector" ? place.reach(ofInput: 0) : 32768
        let rows = direction * size..<(direction + 1) * size
        let peak =
            rows.map { row in
                let magnitudes = place.int8s(weights)[row * x.count..<(row + 1) * x.count].reduce(0) {
                    $0 + abs(Int($1))
                }
                return Double(magnitudes * reach) * step.step * scale(weights, row).step
            }.max() ?? 0
        var exponent = -128
        while 32767 * Double(sign: .plus, exponent: exponent, significand: 1) < peak { exponent += 1 }
        let target = QuantizationScale.exponent(Int8(exponent))
        return (
            rows.map { int16(Int(Rescaling(step, scale(weights, $0), to: target)(Int32(sum(weights, $0, x))))) }, target
        )
    }

    // MARK: - Numbers

    private func int16(_ value: Int) -> Int { max(-32768, min(32767, value)) }

    /// `x 2^places`, rounded halves up.
    private func shifted(_ x: Int, _ places: Int) -> Int {
        places >= 0
            ? x << places
            : Int((Double(x) * Double(sign: .plus, exponent: places, significand: 1) + 0.5).rounded(.down))
    }

    private func sigmoid(_ sum: Int) -> Int { line(sum) { 1 / (1 + exp(-$0)) } }
    private func hyperbolic(_ sum: Int) -> Int { line(sum) { tanh($0) } }

    /// The line between the two points 2^-5 apart around a sum in steps of 2^-16, rounded to steps of 2^-12.
    private func line(_ sum: Int, _ function: (Double) -> Double) -> Int {
        let x = int16(shifted(sum, -4))
        let point = Int((Double(x) / 128).rounded(.down))
        func value(_ point: Int) -> Int {
            int16(Int((function(Double(point) / 32) * 32768).rounded(.toNearestOrAwayFromZero)))
        }
        return value(point) + shifted((value(point + 1) - value(point)) * (x - 128 * point), -7)
    }
}
