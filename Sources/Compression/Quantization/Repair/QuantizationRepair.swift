package import Datasets
internal import Foundation
internal import Interchange
internal import Kernels
package import Networks
internal import Tensors
package import Training

/// What the repair `finetune` trains with.
package struct RepairTraining: Sendable {
    package var options: TrainingOptions
    package var data: Dataset
    package var validation: Dataset?
    package var teacher: Network?
    package var seed: UInt64
    /// What the names of its random streams begin with.
    package var stream: String

    package init(
        options: TrainingOptions, data: Dataset, validation: Dataset? = nil, teacher: Network? = nil, seed: UInt64,
        stream: String
    ) {
        self.options = options
        self.data = data
        self.validation = validation
        self.teacher = teacher
        self.seed = seed
        self.stream = stream
    }
}

/// Mends what plain rounding costs, one layer after the other, with all scales as calibration found them.
///
/// - `adaRound`: for each layer from the input on, with the inputs that the integers before it give, the outputs of the
///   float network as targets, and ``AdaptiveRounding``.
/// - `biasCorrection`: for each layer from the input on, the mean error of each output channel over the calibration data,
///   float less integers, is added to its bias (Nagel et al., "Data-free quantization through weight equalization and
///   bias correction", 2019, in its empirical form).
/// - `finetune`: the network is trained with rounded parameters and activations (``GridMapping``,
///   ``Networks/Rounding``). It rounds to the integers that it was trained with.
final class QuantizationRepair {
    /// One thing to do; a checkpoint says how many are done.
    private enum Step {
        case adaRound(Network.Node)
        case biasCorrection(Network.Node)
        case finetune
    }

    /// The float network with all that was repaired so far.
    private(set) var network: Network
    /// The epochs of `finetune`.
    private(set) var history: [EpochRecord] = []
    private(set) var omissions: [RepairOmission] = []
    /// The repairs of each layer.
    private(set) var repaired: [String: [QuantizationOptions.Repair]] = [:]

    private let reference: Network
    private let quantized: QuantizedNetwork
    private let grids: [String: ParameterGrid]
    private let options: QuantizationOptions
    private let data: Dataset
    private let training: RepairTraining?
    private let pool: WorkerPool
    /// What the checkpoints say of the calibration before.
    private let calibrated: Calibration.Progress
    private var steps: [Step] = []
    private var done = 0
    /// How many of those that are done were in the last checkpoint.
    private var saved = 0
    private var resumed: TrainingCheckpoint?
    /// The means of the outputs of the float network, once they are needed.
    private var referenceMeans: [String: [Double]]?

    /// - Parameters:
    ///   - reference: The prepared float network.
    ///   - quantized: That network with plain rounding, whose scales stay.
    ///   - data: Examples for calibration.
    ///   - checkpoint: Where an earlier run of the same repair came to.
    /// - Throws: ``CompressionError`` with code `invalidCheckpoint`.
    init(
        _ reference: Network, _ quantized: QuantizedNetwork, data: Dataset, options: QuantizationOptions,
        training: RepairTraining?, pool: WorkerPool, from checkpoint: QuantizationCheckpoint
    ) throws {
        self.reference = reference
        self.quantized = quantized
        self.options = options
        self.data = data
        self.training = training
        self.pool = pool
        network = checkpoint.network ?? reference
        calibrated = checkpoint.calibration
        (done, saved, history, resumed) = (
            checkpoint.done, checkpoint.done, checkpoint.history, checkpoint.training
        )
        grids = Dictionary(
            quantized.grids(of: reference).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        if options.repair.contains(.adaRound) { planRounding() }
        if options.repair.contains(.biasCorrection) { planBiases() }
        if options.repair.contains(.finetune), training != nil { steps.append(.finetune) }
        guard (0...steps.count).contains(done) else {
            throw CompressionError(.invalidCheckpoint, "the checkpoint is of other repairs")
        }
    }
}

// MARK: - What is repaired

extension QuantizationRepair {
    /// A Gram matrix of more rows takes too much memory.
    private static let largestPatch = 4096

    private func planRounding() {
        for node in reference.nodes where isWeighted(node) {
            guard node.layer is any PatchLayer, grids["\(node.name).weights"] != nil else {
                omit(node, .adaRound, "only dense layers and convolutions of one input have this repair")
                continue
            }
            let size = (reference.parameters["\(node.name).weights"]?.shape.count ?? 0) / filters(of: node)
            guard size <= Self.largestPatch else {
                omit(node, .adaRound, "a filter has \(size) weights; at most \(Self.largestPatch) fit in memory")
                continue
            }
            steps.append(.adaRound(node))
        }
    }

    private func planBiases() {
        for node in reference.nodes where isWeighted(node) {
            if !(node.layer is Dense || node.layer is any ConvolutionLayer) {
                omit(node, .biasCorrection, "only dense layers and convolutions have this repair")
            } else if grids["\(node.name).bias"] == nil {
                omit(node, .biasCorrection, "the layer has no bias")
            } else {
                steps.append(.biasCorrection(node))
            }
        }
    }

    private var biasedLayers: [String] {
        steps.compactMap { if case .biasCorrection(let node) = $0 { node.name } else { nil } }
    }

    /// The scales of all weights that are on a grid, as they stay; by the parameter's full name.
    var scales: [String: [QuantizationScale]] {
        grids.keys.reduce(into: [:]) { result, name in
            let scales = quantized.scales(of: name)
            if !scales.isEmpty { result[name] = scales }
        }
    }

    private func isWeighted(_ node: Network.Node) -> Bool {
        quantized.sharing.integerLayer(of: node)?.integerParameters(inputs: reference.inputShapes(of: node))
            .contains { $0.form == .weights } ?? false
    }

    private func filters(of node: Network.Node) -> Int {
        reference.parameters["\(node.name).weights"]?.shape[0] ?? 1
    }

    private func omit(_ node: Network.Node, _ repair: QuantizationOptions.Repair, _ reason: String) {
        omissions.append(RepairOmission(layer: node.name, repair: repair, reason: reason))
    }
}

// MARK: - Running

extension QuantizationRepair {
    /// Runs to the end.
    ///
    /// - Throws: ``CompressionError``, what a training throws, and what the monitor throws.
    func run(_ monitor: CompressionMonitor) throws {
        for (index, step) in steps.enumerated() {
            if index >= done {
                let share = Double(index) / Double(steps.count)
                switch step {
                case .adaRound(let node):
                    monitor.report(CompressionProgress(fraction: share, what: "rounding '\(node.name)'"))
                    try roundAdaptively(node, monitor)
                case .biasCorrection(let node):
                    monitor.report(
                        CompressionProgress(fraction: share, what: "correcting the bias of '\(node.name)'"))
                    try correctBias(of: node, monitor)
                case .finetune: try finetune(monitor, from: share)
                }
                done = index + 1
                if monitor.isCheckpointDue(true) { try save(nil, monitor) }
                try monitor.checkCancellation()
            }
            note(step)
        }
    }

    /// Stops if that is asked for, and before that saves the repairs that are done.
    private func check(_ monitor: CompressionMonitor) throws {
        if done > saved, monitor.isCheckpointDue(false) { try save(nil, monitor) }
        try monitor.checkCancellation()
    }

    private func save(_ training: TrainingCheckpoint?, _ monitor: CompressionMonitor) throws {
        try monitor.save(checkpoint(training))
        saved = done
    }

    private func checkpoint(_ training: TrainingCheckpoint?) throws -> Data {
        try QuantizationCheckpoint(
            calibration: calibrated, done: done, network: network, history: history, training: training
        ).encoded()
    }

    private func note(_ step: Step) {
        switch step {
        case .adaRound(let node): repaired[node.name, default: []].append(.adaRound)
        case .biasCorrection(let node): repaired[node.name, default: []].append(.biasCorrection)
        case .finetune:
            for node in reference.nodes where grids.keys.contains(where: { $0.hasPrefix("\(node.name).") }) {
                repaired[node.name, default: []].append(.finetune)
            }
        }
    }

    /// What the integers come to with the repairs so far.
    private var simulation: Network { quantized.simulation(of: network.rounding(to: Array(grids.values))) }

    private func calibration(of network: Network, _ monitor: CompressionMonitor) throws -> Calibration {
        try Calibration(network, data: data, pool: pool) { [self] in try check(monitor) }
    }

    private func correctBias(of node: Network.Node, _ monitor: CompressionMonitor) throws {
        let name = "\(node.name).bias"
        let means = try referenceMeans ?? calibration(of: reference, monitor).channelMeans(of: biasedLayers)
        referenceMeans = means
        guard let grid = grids[name], let bias = network.parameters[name], let wanted = means[node.name] else {
            return
        }
        let found = try calibration(of: simulation.prefix(through: node.name), monitor).channelMeans(of: [node.name])
        let corrected = grid.rounded(bias).floats.enumerated().map { index, value in
            Float(Double(value) + wanted[index] - (found[node.name]?[index] ?? 0))
        }
        network = network.editing(parameters: [name: Tensor(corrected)])
    }

    private func roundAdaptively(_ node: Network.Node, _ monitor: CompressionMonitor) throws {
        let name = "\(node.name).weights"
        guard let grid = grids[name], let weights = network.parameters[name],
            let layer = node.layer as? any PatchLayer
        else { return }
        let (size, groups) = (weights.shape.count / weights.shape[0], layer.patchGroups)
        let filters = weights.shape[0] / groups
        let moments = try moments(of: node, layer, size: size, filters: filters, monitor)
        var integers: [Double] = []
        for (group, moments) in moments.enumerated() {
            let rows = group * filters..<(group + 1) * filters
            let rounding = AdaptiveRounding(
                moments: moments, steps: rows.map { grid.steps[grid.steps.count == 1 ? 0 : $0] },
                outputStep: quantized.activation(of: node.name).step, iterations: options.adaRoundIterations)
            let part = weights.floats[rows.lowerBound * size..<rows.upperBound * size]
            integers += try rounding.integers(of: part.map(Double.init)) { try check(monitor) }
        }
        let rounded = integers.enumerated().map { Float($1 * grid.steps[$0 / grid.size]) }
        network = network.editing(parameters: [name: Tensor(rounded, shape: weights.shape)])
    }

    /// The moments of the patches that a layer reads from the integers before it, with the float outputs less the
    /// rounded bias as targets; one for each group.
    private func moments(
        of node: Network.Node, _ layer: any PatchLayer, size: Int, filters: Int, _ monitor: CompressionMonitor
    ) throws -> [PatchMoments] {
        let simulation = simulation
        let source = simulation.node(node.name)?.inputs[0] ?? node.inputs[0]
        let read = try calibration(of: simulation.prefix(through: source), monitor)
        let wanted = try calibration(of: reference.prefix(through: node.name), monitor)
        let bias = simulation.elements("\(node.name).bias")
        let shape = reference.inputShapes(of: node)[0]
        let patches = layer.patches(of: shape, output: reference.shape(of: node.name) ?? [])
        var moments = (0..<layer.patchGroups).map { _ in PatchMoments(size: size, filters: filters) }
        let groupSize = shape.count / layer.patchGroups
        for rows in read.batches {
            try read.run(rows)
            try wanted.run(rows)
            let (inputs, outputs) = (read.values(of: source, rows: rows), wanted.values(of: node.name, rows: rows))
            let positions = outputs.positions
            for example in 0..<rows.count {
                try check(monitor)
                for position in 0..<outputs.validPositions(of: example) {
                    for group in moments.indices {
                        let (first, filter) = (example * shape.count + group * groupSize, group * filters)
                        moments[group].add { element in
                            let index = patches[position * size + element]
                            return index < 0 ? 0 : inputs.values[first + index]
                        } target: { unit in
                            let channel = filter + unit
                            let output = outputs.values[
                                example * outputs.shape.count + channel * positions + position]
                            return output - (bias.isEmpty ? 0 : bias[channel])
                        }
                    }
                }
            }
        }
        for group in moments.indices { moments[group].sum() }
        return moments
    }

    private func finetune(_ monitor: CompressionMonitor, from share: Double) throws {
        guard let training else { return }
        let simulation = quantized.simulation(of: network)
        let trainer = try Trainer(
            simulation, data: training.data, validation: training.validation, teacher: training.teacher,
            options: training.options, seed: training.seed, stream: "\(training.stream)/finetune", pool: pool,
            mapping: GridMapping(Array(grids.values), of: simulation), from: resumed)
        let result = try trainer.run(
            monitor.training(
                phase: "fine-tuning", fraction: { share + (1 - share) * $0 },
                checkpoint: { [self] in try checkpoint($0) }))
        history = result.history
        network = network.editing(parameters: result.network.parameters.filter { network.parameters[$0.key] != nil })
    }
}
