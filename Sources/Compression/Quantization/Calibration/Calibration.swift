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
    /// What each layer puts out.
    ///
    /// - Throws: ``CompressionError`` with code `nonFiniteValue` for a value that is infinite or NaN.
    func histograms(of layers: [String]) throws -> [String: ActivationHistogram] {
        var histograms: [String: ActivationHistogram] = [:]
        try forEachBatch(of: layers) { layer, values in
            histograms[layer, default: ActivationHistogram()].include(values)
            guard histograms[layer]?.range.isFinite == true else {
                throw CompressionError(
                    .nonFiniteValue, layer: layer,
                    "its output is not finite on the data set '\(data.name)'; train with a lower learning rate")
            }
        }
        return histograms
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
    /// Calls the body with the values of each layer, one batch after the other.
    private func forEachBatch(of layers: [String], _ body: (String, [Float]) throws -> Void) throws {
        for start in stride(from: 0, to: data.count, by: batch) {
            try checkCancellation()
            let count = min(batch, data.count - start)
            try network.setInput(data, rows: Array(start..<start + count)[...])
            network.forward(count: count, mode: .inference)
            for layer in layers { try body(layer, validValues(of: layer, count: count)) }
        }
    }

    /// The values of the first examples at the output of a layer.
    private func values(of layer: String, count: Int) -> [Float] {
        network.values(of: layer).array(in: 0..<count * (network.network.shape(of: layer)?.count ?? 0))
    }

    /// The same, without the steps beyond the end of a sequence.
    private func validValues(of layer: String, count: Int) -> [Float] {
        let values = values(of: layer, count: count)
        guard let lengths = network.validSteps(of: layer), let shape = network.network.shape(of: layer) else {
            return values
        }
        let steps = shape[1]
        return values.indices.filter { $0 % steps < lengths[$0 / shape.count] }.map { values[$0] }
    }

    /// How much of each layer's float output is left in its integer output, over the first batch; in dB.
    func signalToNoise(of integer: IntegerNetwork) throws -> [String: Double] {
        let (size, examples) = (data.inputShape.count, try data.values(in: 0..<batch))
        try network.setInput(data, rows: Array(0..<batch)[...])
        network.forward(count: batch, mode: .inference)
        let structure = integer.network.structure
        var ratios = structure.nodes.map { _ in SignalToNoise() }
        let floats = structure.nodes.map { node in
            values(of: integer.network.sharing.calibrated[node.name] ?? node.name, count: batch)
        }
        let quantizations = structure.nodes.map { integer.network.activation(of: $0.name) }
        for example in 0..<batch {
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
