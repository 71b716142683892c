package import Datasets
package import Foundation
package import Kernels
package import Networks
internal import Tensors
internal import Training

/// Brings a network to 8-bit integers after training.
package enum Quantizer {
    /// Prepares the network, finds scales over the calibration data, and rounds.
    ///
    /// - Parameters:
    ///   - network: With all its parameters.
    ///   - calibration: Examples such as those that the network learned from.
    ///   - training: What the repair `finetune` needs.
    ///   - monitor: Asked between batches whether the work is to stop.
    ///   - checkpoint: What an earlier run of the same quantization saved.
    /// - Throws: ``CompressionError`` for a layer without an integer form, values that are not finite, data that do not
    ///   fit, or sums that could overflow; `NetworkError` for a network that cannot run; what a training throws.
    package static func quantize(
        _ network: Network, calibration data: Dataset, options: QuantizationOptions, pool: WorkerPool,
        training: RepairTraining? = nil, monitor: CompressionMonitor = .none, from checkpoint: Data? = nil
    ) throws -> QuantizationResult {
        let prepared = prepare(network, steps: options.prepare)
        let keepFloat = Set(
            try LayerPattern.select(
                options.keepFloat, from: prepared.nodes.map(\.name), that: "can be kept in float32"))
        let sharing = try ScaleSharing(of: prepared, keepFloat: keepFloat)
        try checkFinite(prepared)
        let calibration = try Calibration(
            prepared, data: data, pool: pool, checkCancellation: monitor.checkCancellation)
        var saved = try checkpoint.map { try QuantizationCheckpoint(decoding: $0) } ?? QuantizationCheckpoint()
        try calibration.fillHistograms(&saved.calibration, of: sharing.calibrated.values.sorted()) { progress in
            guard monitor.isCheckpointDue(false) else { return }
            try monitor.save(QuantizationCheckpoint(calibration: progress).encoded())
        }
        let histograms = saved.calibration.histograms
        let activations = histograms.mapValues {
            $0.quantization(options.scheme.scaling, by: options.calibration)
        }.merging(try calibration.states(sharing)) { $1 }
        let plain = try QuantizedNetwork(
            rounding: prepared, activations: activations, scheme: options.scheme, keepFloat: keepFloat)
        let repair = try QuantizationRepair(
            prepared, plain, data: data, options: options, training: training, pool: pool, from: saved)
        try repair.run(monitor)
        let quantized = try QuantizedNetwork(
            rounding: repair.network, activations: activations, scheme: options.scheme, keepFloat: keepFloat,
            scales: repair.scales)
        let noise = try calibration.signalToNoise(of: try IntegerNetwork(quantized))
        return QuantizationResult(
            network: quantized, prepared: prepared,
            details: QuantizationDetails(of: quantized, from: network, omissions: repair.omissions),
            layers: prepared.nodes.map { node in
                let range = sharing.calibrated[node.name].flatMap { histograms[$0]?.range }
                let activation = quantized.activation(of: node.name)
                return QuantizedLayer(
                    name: node.name, kind: node.layer.kind, memoryBytes: quantized.memoryBytes(of: node.name),
                    minimum: range?.minimum, maximum: range?.maximum, step: activation.step,
                    zeroPoint: Int(activation.zeroPoint), repairs: repair.repaired[node.name] ?? [],
                    signalToNoise: noise[node.name],
                    weightSignalToNoise: weightNoise(of: node.name, in: prepared, quantized))
            }, finetuning: repair.history)
    }
}

// MARK: - Checks

extension Quantizer {
    /// Over all weights of a layer.
    private static func weightNoise(
        of layer: String, in network: Network, _ quantized: QuantizedNetwork
    ) -> Double? {
        guard let node = network.node(layer), let integerLayer = quantized.sharing.integerLayer(of: node) else {
            return nil
        }
        let real = integerLayer.realParameters(of: network.parameters(of: node))
        var ratio = SignalToNoise()
        for parameter in integerLayer.integerParameters(inputs: network.inputShapes(of: node)) {
            guard parameter.form.hasScales, let weights = real[parameter.name]?.floats,
                let integers = quantized.tensors["\(layer).\(parameter.name)"]?.int8s
            else { continue }
            let steps = quantized.scales(of: "\(layer).\(parameter.name)").map(\.step)
            let size = weights.count / steps.count
            for index in weights.indices {
                ratio.add(signal: weights[index], received: Float(Double(integers[index]) * steps[index / size]))
            }
        }
        return ratio.decibels
    }

    private static func checkFinite(_ network: Network) throws(CompressionError) {
        for node in network.nodes {
            for (name, _) in network.specifications(of: node) {
                guard let value = network.parameters[name]?.floats.first(where: { !$0.isFinite }) else { continue }
                throw CompressionError(
                    .nonFiniteValue, layer: node.name,
                    "its parameter '\(name)' holds \(value); train with a lower learning rate")
            }
        }
    }
}
