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
    /// The smallest and the largest value at the output of each layer.
    ///
    /// - Throws: ``CompressionError`` with code `nonFiniteValue` for a value that is infinite or NaN.
    func ranges(of layers: [String]) throws -> [String: ActivationRange] {
        var ranges: [String: ActivationRange] = [:]
        try forEachBatch(of: layers) { layer, values in
            var range = ranges[layer] ?? ActivationRange()
            for value in values { range.include(value) }
            guard range.isFinite else {
                throw CompressionError(
                    .nonFiniteValue, layer: layer,
                    "its output is not finite on the data set '\(data.name)'; train with a lower learning rate")
            }
            ranges[layer] = range
        }
        return ranges
    }

    /// How each layer's output stands in int8.
    func quantizations(
        of ranges: [String: ActivationRange], scaling: QuantizationScheme.Scaling
    ) throws -> [String: ActivationQuantization] {
        switch scaling {
        case .affine: return ranges.mapValues(\.affineQuantization)
        case .powerOfTwo:
            // An output that is always zero has a step of one, as with real scales: the finest of all steps would be
            // out of proportion beside what it is added to.
            let candidates = ranges.mapValues { $0.peak > 0 ? PowerOfTwo.candidates(holding: $0.peak) : [0] }
            var errors = candidates.mapValues { $0.map { _ in 0.0 } }
            try forEachBatch(of: ranges.keys.sorted()) { layer, values in
                for (index, exponent) in (candidates[layer] ?? []).enumerated() {
                    errors[layer]?[index] += PowerOfTwo.squaredError(values, exponent, lowest: -128)
                }
            }
            return candidates.reduce(into: [:]) { result, entry in
                let (layer, exponents) = entry
                let sums = errors[layer] ?? []
                let best = exponents.indices.dropFirst().reduce(0) { sums[$1] < sums[$0] ? $1 : $0 }
                result[layer] = ActivationQuantization(scale: .exponent(exponents[best]), zeroPoint: 0)
            }
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
            for layer in layers { try body(layer, values(of: layer, count: count)) }
        }
    }

    /// The values of the first examples at the output of a layer.
    private func values(of layer: String, count: Int) -> [Float] {
        network.values(of: layer).array(in: 0..<count * (network.network.shape(of: layer)?.count ?? 0))
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
            let input = integer.quantizedInput(examples[example * size..<(example + 1) * size])
            for (index, integers) in integer.activations(of: input).enumerated() {
                let start = example * integers.count
                for (element, value) in integers.enumerated() {
                    ratios[index].add(
                        signal: floats[index][start + element], received: quantizations[index].dequantize(value))
                }
            }
        }
        var result: [String: Double] = [:]
        for (node, ratio) in zip(structure.nodes, ratios) { result[node.name] = ratio.decibels }
        return result
    }
}
