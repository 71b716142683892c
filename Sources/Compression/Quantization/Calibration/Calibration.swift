internal import Datasets
internal import Kernels
internal import Networks
internal import Tensors
internal import Training

/// Finds the scales of activations by running the float network over data, in memory for one batch.
struct Calibration {
    private let network: CompiledNetwork
    private let data: Dataset
    private let batch: Int
    private let checkCancellation: () throws -> Void

    /// - Throws: ``CompressionError`` if there is no example or the examples do not fit.
    init(
        _ network: Network, data: Dataset, pool: WorkerPool, checkCancellation: @escaping () throws -> Void
    ) throws {
        guard data.count > 0 else {
            throw CompressionError(.invalidData, "the data set '\(data.name)' has no example to calibrate with")
        }
        let shape = network.inputs.first.flatMap { network.shape(of: $0.name) }
        guard let shape, shape == data.inputShape else {
            throw CompressionError(
                .invalidData,
                "the examples of '\(data.name)' are \(data.inputShape); the network reads \(shape ?? [])")
        }
        batch = min(64, data.count)
        self.network = try CompiledNetwork(network, batchCapacity: batch, purpose: .inference, pool: pool)
        self.data = data
        self.checkCancellation = checkCancellation
    }
}

// MARK: - Scales

extension Calibration {
    /// How far the histograms are.
    struct Progress: Codable {
        var histograms: [String: ActivationHistogram] = [:]
        /// How many batches are in them.
        var batches = 0
    }

    /// What each layer puts out.
    ///
    /// - Parameters:
    ///   - progress: From where to go on; at the end that of the whole.
    ///   - layers: The layers.
    ///   - report: Is told after each batch how far the histograms are.
    /// - Throws: ``CompressionError`` with code `nonFiniteValue` for a value that is infinite or NaN; what `report`
    ///   throws.
    func fillHistograms(
        _ progress: inout Progress, of layers: [String], report: (Progress) throws -> Void = { _ in }
    ) throws {
        while progress.batches < batches.count {
            let rows = batches[progress.batches]
            try run(rows)
            for layer in layers {
                let values = values(of: layer, rows: rows)
                progress.histograms[layer, default: ActivationHistogram()].include(values.valid)
                guard progress.histograms[layer]?.range.isFinite == true else {
                    throw CompressionError(
                        .nonFiniteValue, layer: layer,
                        "its output is not finite on the data set '\(data.name)'; train with a lower learning rate")
                }
            }
            progress.batches += 1
            try report(progress)
        }
    }
}

extension ActivationHistogram {
    /// How the activation stands in int8.
    ///
    /// The exponent of a power of two is the one of `e`, `e - 1`, `e - 2` with the least squared error, where `2^e` is
    /// the smallest step that covers the range of the method; of `mse` the one of `e` to `e - 7`, where it covers all.
    /// An activation that is always zero has a step of one: the finest of all steps would be out of proportion beside
    /// what it is added to.
    package func quantization(
        _ scaling: QuantizationScheme.Scaling, by options: CalibrationOptions
    ) -> ActivationQuantization {
        switch scaling {
        case .affine:
            return range(by: options, levels: range.minimum < 0 ? 128 : 256).affineQuantization
        case .powerOfTwo:
            let peak = options.method == .mse ? range.peak : range(by: options, levels: 128).peak
            guard peak > 0 else { return ActivationQuantization(scale: .exponent(0), zeroPoint: 0) }
            let candidates = PowerOfTwo.candidates(holding: peak, count: options.method == .mse ? 8 : 3)
                .map { ActivationQuantization(scale: .exponent($0), zeroPoint: 0) }
            let errors = candidates.map(squaredError)
            let best = candidates.indices.dropFirst().reduce(0) { errors[$1] < errors[$0] ? $1 : $0 }
            return candidates[best]
        }
    }
}

extension Calibration {
    /// The scales of what layers carry from step to step in int16: powers of two that cover the largest magnitude.
    ///
    /// - Parameter sharing: Which layers compute in integers.
    func states(_ sharing: ScaleSharing) throws -> [String: ActivationQuantization] {
        var states: [String: [String]] = [:]
        for node in network.network.nodes {
            guard let carried = sharing.integerLayer(of: node)?.carriedStates, !carried.isEmpty else { continue }
            states[node.name] = carried
        }
        guard !states.isEmpty else { return [:] }
        var peaks: [String: Float] = [:]
        try forEachBatch(of: states.keys.sorted()) { layer, _ in
            for state in states[layer] ?? [] {
                peaks["\(layer).\(state)", default: 0] = max(
                    peaks["\(layer).\(state)"] ?? 0, network.statePeak(of: layer))
            }
        }
        return peaks.mapValues { peak in
            let exponent = max(GateFunctions.hiddenExponent, Int(PowerOfTwo.exponent(holding: Double(peak), in: 32767)))
            return ActivationQuantization(scale: .exponent(Int8(exponent)), zeroPoint: 0)
        }
    }
}

// MARK: - Running

extension Calibration {
    /// The rows of each batch.
    var batches: [Range<Int>] {
        stride(from: 0, to: data.count, by: batch).map { $0..<min($0 + batch, data.count) }
    }

    /// Runs the network on some rows of the data.
    func run(_ rows: Range<Int>) throws {
        try checkCancellation()
        try network.setInput(data, rows: Array(rows)[...])
        network.forward(count: rows.count, mode: .inference)
    }

    /// What a layer put out for the rows that were run.
    func values(of layer: String, rows: Range<Int>) -> LayerValues {
        let shape = network.network.shape(of: layer) ?? []
        return LayerValues(
            values: network.values(of: layer).array(in: 0..<rows.count * shape.count), shape: shape,
            lengths: network.validSteps(of: layer))
    }

    /// Calls the body with the values of each layer, one batch after the other.
    private func forEachBatch(of layers: [String], _ body: (String, LayerValues) throws -> Void) throws {
        for rows in batches {
            try run(rows)
            for layer in layers { try body(layer, values(of: layer, rows: rows)) }
        }
    }

    /// The mean of each channel of some layers.
    func channelMeans(of layers: [String]) throws -> [String: [Double]] {
        var sums: [String: (sums: [Double], count: Int)] = [:]
        try forEachBatch(of: layers) { layer, values in
            let more = values.channelSums
            let (sum, count) = sums[layer] ?? (more.sums.map { _ in 0 }, 0)
            sums[layer] = (zip(sum, more.sums).map(+), count + more.count)
        }
        return sums.mapValues { sums, count in sums.map { $0 / Double(max(1, count)) } }
    }

    /// How much of each layer's float output is left in its integer output, over the first batch; in dB.
    func signalToNoise(of integer: IntegerNetwork) throws -> [String: Double] {
        let (size, examples) = (data.inputShape.count, try data.values(in: 0..<batch))
        try run(0..<batch)
        let structure = integer.network.structure
        var ratios = structure.nodes.map { _ in SignalToNoise() }
        let floats = structure.nodes.map { node in
            values(of: integer.network.sharing.calibrated[node.name] ?? node.name, rows: 0..<batch).values
        }
        let quantizations = structure.nodes.map { integer.network.activation(of: $0.name) }
        for example in 0..<batch {
            try checkCancellation()
            let all = try integer.activations(
                ofExample: examples[example * size..<(example + 1) * size], steps: data.steps?[example])
            for (index, integers) in all.enumerated() {
                let (shape, start) = (structure.shapes[index], example * structure.shapes[index].count)
                let (positions, valid) = (shape.count / shape[0], integers.count / shape[0])
                for (element, value) in integers.enumerated() {
                    ratios[index].add(
                        signal: floats[index][start + element / valid * positions + element % valid],
                        received: quantizations[index].dequantize(value))
                }
            }
        }
        var result: [String: Double] = [:]
        for (node, ratio) in zip(structure.nodes, ratios) { result[node.name] = ratio.decibels }
        return result
    }
}
