internal import Kernels
internal import Networks
internal import Tensors

/// One direction of a recurrent layer in integers.
struct IntegerRecurrentDirection: Sendable {
    private let cellKind: RecurrentKernel.Cell
    private let units: Int
    /// The sums of all gates from the input, with the bias, and from the hidden state.
    private let inputProjector: IntegerProjector?
    private let input: RescaledProduct
    private let outputProjector: IntegerProjector?
    private let recurrent: RescaledProduct
    /// Of a GRU whose reset gate comes before the product, the rows of n alone; `recurrent` then has those of r and z.
    private let candidate: RescaledProduct?
    private let initialHidden: [Int16]
    private let initialCell: [Int16]
    private let cellPlaces: Int

    init(
        _ layer: some RecurrentLayer, index: Int, of directions: Int, in place: IntegerPlace
    ) throws(CompressionError) {
        (cellKind, units) = (layer.cell, layer.units)
        let rows = layer.cell.gates * layer.units
        let own = index * rows..<(index + 1) * rows
        let hiddenScale = QuantizationScale.exponent(Int8(GateFunctions.hiddenExponent))
        let inputProjector = try IntegerProjector(
            "inputProjector", rows: layer.projectors.input.map { 0..<$0 }, reading: place.inputs[0].scale,
            reach: place.reach(ofInput: 0), in: place)
        let outputProjector = try IntegerProjector(
            "outputProjector", rows: layer.projectors.output.map { index * $0..<(index + 1) * $0 },
            reading: hiddenScale, reach: 1 << 15, in: place)
        let bias = Array(place.int32s("bias", count: directions * rows)[own])
        input = try RescaledProduct(
            "inputWeights", rows: own, reading: inputProjector?.scale ?? place.inputs[0].scale,
            reach: inputProjector == nil ? place.reach(ofInput: 0) : 1 << 15, adding: bias, in: place)
        // The bias of the recurrent part of n, which the reset gate multiplies too.
        var recurrentBias: [Int32]?
        if layer.cell == .gruResetAfter {
            let all = place.int32s("recurrentBias", count: directions * units)
            recurrentBias =
                Array(repeating: 0, count: 2 * units) + all[index * units..<(index + 1) * units]
        }
        let isSplit = layer.cell == .gruResetBefore
        let first = isSplit ? own.lowerBound..<own.lowerBound + 2 * units : own
        recurrent = try RescaledProduct(
            "recurrentWeights", rows: first, reading: outputProjector?.scale ?? hiddenScale, reach: 1 << 15,
            adding: recurrentBias, in: place)
        candidate =
            isSplit
            ? try RescaledProduct(
                "recurrentWeights", rows: first.upperBound..<own.upperBound,
                reading: outputProjector?.scale ?? hiddenScale, reach: 1 << 15, adding: nil, in: place) : nil
        self.inputProjector = inputProjector
        self.outputProjector = outputProjector

        let states = index * units..<(index + 1) * units
        let hidden = place.floats("initialHidden").map { Array($0[states]) } ?? Array(repeating: 0, count: units)
        if let value = hidden.first(where: { !(abs($0) <= 1) }) {
            throw CompressionError(
                .unsupportedLayer, layer: place.node.name,
                "starts from a hidden state of \(value), which in int8 is from -1 to 1; keep it in float32")
        }
        initialHidden = Self.int16s(hidden, exponent: GateFunctions.hiddenExponent)
        let exponent = place.scales("cell").first?.exponent ?? GateFunctions.hiddenExponent
        guard (GateFunctions.hiddenExponent...30).contains(exponent) else {
            throw CompressionError(
                .invalidNetwork, layer: place.node.name,
                "its cell is in steps of 2^\(exponent); expected 2^\(GateFunctions.hiddenExponent) to 2^30")
        }
        cellPlaces = exponent - GateFunctions.hiddenExponent
        let cell = place.floats("initialCell").map { Array($0[states]) } ?? Array(repeating: 0, count: units)
        initialCell = Self.int16s(cell, exponent: exponent)
    }

    private static func int16s(_ values: [Float], exponent: Int) -> [Int16] {
        values.map { value in
            let steps = (Double(value) / .powerOfTwo(exponent)).rounded(.toNearestOrAwayFromZero)
            return Int16(max(-0x1p15, min(0x1p15 - 1, steps)))
        }
    }
}

// MARK: - Running

extension IntegerRecurrentDirection {
    /// Takes one step after the other.
    ///
    /// - Parameters:
    ///   - columns: The inputs less their zero point, a column a step, of an even number of elements.
    ///   - body: Called after each step with its number and the hidden state.
    func run(_ columns: [Int16], order: [Int], _ body: (Int, [Int16]) -> Void) {
        let parts = input(inputProjector?(columns) ?? columns, count: order.count)
        let rows = cellKind.gates * units
        var (hidden, cell) = (initialHidden, initialCell)
        var (gates, reset) = ([Int16](repeating: 0, count: 2 * units), [Int16](repeating: 0, count: units))
        for step in order {
            let part = parts[step * rows..<(step + 1) * rows]
            let sums = recurrent(column(hidden), count: 1)
            switch cellKind {
            case .lstm:
                IntegerRecurrentKernels.lstm(
                    input: part, recurrent: sums, GateFunctions.tables, cellPlaces: cellPlaces, cell: &cell,
                    hidden: &hidden, units: units)
            case .gruResetAfter, .gruResetBefore:
                IntegerRecurrentKernels.gruGates(
                    input: part, recurrent: sums, GateFunctions.tables, hidden: hidden, gates: &gates, reset: &reset,
                    units: units)
                let last = candidate.map { $0(column(reset), count: 1)[...] } ?? sums[(2 * units)...]
                IntegerRecurrentKernels.gru(
                    input: part.dropFirst(2 * units), recurrent: last, gates: gates,
                    multipliesRecurrent: candidate == nil, GateFunctions.tables, hidden: &hidden, units: units)
            }
            body(step, hidden)
        }
    }

    /// A state as the products read it: projected, of an even number of elements.
    private func column(_ state: [Int16]) -> [Int16] {
        let even = state.count % 2 == 0 ? state : state + [0]
        return outputProjector?(even) ?? even
    }
}

// MARK: - Products

/// A product of some rows of weights, brought to steps of 2^-16.
private struct RescaledProduct: Sendable {
    private let product: IntegerProduct
    private let rescaling: SumRescaling
    private let bias: [Int32]?

    /// - Parameters:
    ///   - reach: The largest magnitude of what the weights multiply.
    ///   - bias: In steps of 2^-16, one for each row.
    init(
        _ name: String, rows: Range<Int>, reading scale: QuantizationScale, reach: Int, adding bias: [Int32]?,
        in place: IntegerPlace
    ) throws(CompressionError) {
        (product, rescaling) = try place.product(name, rows: rows, reading: scale, reach: reach) {
            _ in .exponent(Int8(GateFunctions.sumExponent))
        }
        self.bias = bias
    }

    /// The sums of each column, one after the other.
    func callAsFunction(_ columns: [Int16], count: Int) -> [Int32] {
        let sums = product(columns)
        guard count > 1 else {
            return rescaling(sums[...], rows: product.rows, adding: bias)
        }
        return (0..<count).flatMap { column in
            rescaling(sums[(column * product.step)...], rows: product.rows, adding: bias)
        }
    }
}

/// A product whose sums are rounded to int16.
private struct IntegerProjector: Sendable {
    private let product: IntegerProduct
    private let rescaling: SumRescaling
    let scale: QuantizationScale

    /// - Parameter rows: Those of one direction; `nil` without a projector.
    init?(
        _ name: String, rows: Range<Int>?, reading scale: QuantizationScale, reach: Int, in place: IntegerPlace
    ) throws(CompressionError) {
        guard let rows else { return nil }
        var target = QuantizationScale.exponent(0)
        (product, rescaling) = try place.product(name, rows: rows, reading: scale, reach: reach) { peak in
            target = .exponent(PowerOfTwo.exponent(holding: peak, in: 32767))
            return target
        }
        self.scale = target
    }

    /// The projected columns, each of an even number of elements.
    func callAsFunction(_ columns: [Int16]) -> [Int16] {
        let sums = product(columns)
        let even = (product.rows + 1) / 2 * 2
        var result = [Int16](repeating: 0, count: sums.count / product.step * even)
        for column in 0..<sums.count / product.step {
            let rescaled = rescaling(sums[(column * product.step)...], rows: product.rows, adding: nil)
            for (row, value) in rescaled.enumerated() { result[column * even + row] = Int16(clamping: value) }
        }
        return result
    }
}

extension IntegerPlace {
    /// Some rows of weights with the rescaling of their sums.
    ///
    /// - Parameter target: The scale to bring sums to, from the largest real value that they can have.
    fileprivate func product(
        _ name: String, rows: Range<Int>, reading scale: QuantizationScale, reach: Int,
        to target: (Double) -> QuantizationScale
    ) throws(CompressionError) -> (IntegerProduct, SumRescaling) {
        let (all, scales) = (int8s(name), scales(name))
        let depth = tensors[name]?.shape[1] ?? 0
        var peak = 0.0
        for row in rows {
            let sum = all[row * depth..<(row + 1) * depth].reduce(0) { $0 + abs(Int($1)) }
            try checkAccumulator(sum * reach, remedy: "give it fewer units")
            peak = max(peak, Double(sum * reach) * scale.step * scales[scales.count == 1 ? 0 : row].step)
        }
        let output = target(peak)
        let own = scales.count == 1 ? scales : Array(scales[rows])
        return (
            IntegerProduct(
                rows: rows.count, depth: depth, weights: Array(all[rows.lowerBound * depth..<rows.upperBound * depth])),
            SumRescaling(own.map { Rescaling(scale, $0, to: output) })
        )
    }
}
