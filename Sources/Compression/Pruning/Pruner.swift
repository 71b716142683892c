package import Datasets
package import Foundation
internal import Interchange
package import Kernels
package import Networks
internal import Tensors
internal import Training

/// Removes filters and fine-tunes, iteration by iteration, and trains once more at the end.
///
/// An iteration scores the filters over the training data, removes the groups of lowest score until it has removed
/// enough or the goal is met, and fine-tunes what is left. The result is a function of network, data, options, seed and
/// stream: the same bytes at any number of threads, stopped and resumed or not.
package final class Pruner {
    private let original: PrunableNetwork?
    private let originalCounts: Counts
    private let data: Dataset
    private let validation: Dataset?
    private let teachers: Teachers
    private let options: PruningOptions
    private let seed: UInt64
    private let stream: String
    private let pool: WorkerPool

    private var state: State
    /// What is being pruned or trained, and, with a threshold, the network of the last iteration that met it.
    private var network: Network
    private var accepted: Network?
    /// What pruning ends at, by its goal or when nothing more can be removed; for the estimate of progress.
    private lazy var least = max(
        options.goal?.limit ?? 0, original?.fullyPruned.network.counts.value(of: measure) ?? 0)
    private var measure: SizeGoal.Measure { options.goal?.measure ?? .totalParameters }
    /// The checkpoint of the training to go on with.
    private var resumed: TrainingCheckpoint?

    /// The networks that teach each of the two trainings, if any does.
    package struct Teachers: Sendable {
        package var finetune: Network?
        package var retrain: Network?

        package init(finetune: Network? = nil, retrain: Network? = nil) {
            (self.finetune, self.retrain) = (finetune, retrain)
        }
    }

    private struct State: Codable {
        enum Phase: String, Codable {
            /// Before the next removal.
            case pruning
            /// After it: the last row of the history waits for its training.
            case finetuning
            case retraining
        }

        var phase = Phase.pruning
        var history: [PruningIteration] = []
        var validations: [PruningValidation] = []
        var origins: [String: [Int]] = [:]
        var stopReason: PruningStopReason?
    }

    /// Prepares a pruning.
    ///
    /// - Parameters:
    ///   - network: With all its parameters.
    ///   - data: What is scored over and trained on.
    ///   - validation: Needed with a threshold.
    ///   - teachers: Whose outputs fine-tuning and retraining learn.
    ///   - seed: The seed of every random choice.
    ///   - stream: What the names of its random streams begin with.
    ///   - checkpoint: What an earlier run of the same pruning saved.
    /// - Throws: ``CompressionError`` if nothing can be pruned, an option is out of range, or the checkpoint is none of
    ///   this pruning.
    package init(
        _ network: Network, data: Dataset, validation: Dataset? = nil, teachers: Teachers = Teachers(),
        options: PruningOptions, seed: UInt64, stream: String, pool: WorkerPool, from checkpoint: Data? = nil
    ) throws {
        try options.check(hasValidation: (validation?.count ?? 0) > 0)
        self.data = data
        self.validation = validation
        self.teachers = teachers
        self.options = options
        self.seed = seed
        self.stream = stream
        self.pool = pool
        self.network = network
        originalCounts = network.counts
        let isMet = options.goal?.isMet(by: network.counts) ?? false
        // Where nothing is to be removed, nothing needs to be removable.
        original = isMet ? nil : try PrunableNetwork(network, scope: options.scope)
        state = State()
        if let original {
            state.origins = original.origins
            state.history = [row(of: original, removed: [])]
        } else {
            state.stopReason = .goalMetBefore
        }
        if let checkpoint { try restore(checkpoint) }
    }
}

// MARK: - Pruning

extension Pruner {
    /// Runs to the end.
    ///
    /// - Throws: ``CompressionError``, what a training throws, and what the monitor throws.
    package func run(_ monitor: CompressionMonitor = .none) throws -> PruningResult {
        while state.stopReason == nil, let original {
            switch state.phase {
            case .pruning: try removeFilters(original, monitor)
            case .finetuning: try finetune(original, monitor)
            case .retraining: preconditionFailure("retraining follows the end of pruning")
            }
        }
        var retraining: [EpochRecord] = []
        if let retrain = options.retrain, network.counts != originalCounts {
            state.phase = .retraining
            let result = try train(
                network, by: teachers.retrain, options: retrain, stream: "\(stream)/retrain", phase: "retrain", monitor)
            network = result.network
            retraining = result.history
        }
        return PruningResult(
            network: network, history: state.history, validations: state.validations,
            prunedLayers: original.map { Self.smallerLayers(of: network, than: $0.network) } ?? [],
            stopReason: state.stopReason ?? .goalMet,
            isMet: state.stopReason != .thresholdBrokenBefore && options.goal?.isMet(by: network.counts) ?? true,
            objective: state.history.last { $0.isAccepted }?.objective,
            retraining: retraining)
    }

    private func removeFilters(_ original: PrunableNetwork, _ monitor: CompressionMonitor) throws {
        let prunable = original.continued(with: network, origins: state.origins)
        let iteration = state.history.count
        if iteration == 1, let validation, options.validationThreshold != nil {
            guard holds(try measure(network, on: validation, step: 0), row: 0) else {
                state.stopReason = .thresholdBrokenBefore
                return
            }
        }
        let scorer = FilterScorer(
            criterion: options.criterion, normalization: options.normalization, training: options.finetune)
        let scores = try scorer.scores(
            of: prunable, data: data, seed: seed, stream: "\(stream)/scores/\(iteration)", pool: pool,
            checkCancellation: monitor.checkCancellation)
        let chosen = choice(from: scores.ascending(prunable.groups).map(\.group), in: prunable)
        guard !chosen.isEmpty else {
            state.stopReason = .nothingLeft
            return
        }
        let removed = chosen.map { group in
            PruningIteration.Removal(
                score: scores.score(of: group),
                filters: group.filters.map { filter in
                    PruningIteration.Filter(
                        layer: filter.layer, filter: prunable.origins[filter.layer]?[filter.index] ?? filter.index)
                })
        }
        let smaller = prunable.removing(chosen)
        if options.validationThreshold != nil { accepted = network }
        network = smaller.network
        state.origins = smaller.origins
        state.history.append(row(of: smaller, removed: removed))
        if let validation = validating {
            let before = try measure(network, on: validation, step: 0)
            state.validations.append(PruningValidation(iteration: iteration, before))
        }
        state.phase = .finetuning
    }

    /// The data of validations, if there are any.
    private var validating: Dataset? {
        options.validationThreshold != nil || options.finetune.validates ? validation : nil
    }

    /// The groups of lowest score that one iteration removes; it ends as soon as the goal is met.
    private func choice(from order: [PrunableNetwork.Group], in prunable: PrunableNetwork) -> [PrunableNetwork.Group] {
        let isMet = { [goal = options.goal] (counts: Counts) in goal?.isMet(by: counts) ?? false }
        switch options.pace {
        case .filters(let limit):
            return prunable.choice(from: order, atMost: limit, until: isMet)
        case .learnables(let fraction):
            let step = max(1, Int((fraction * Double(originalCounts.learnables) - 1e-9).rounded(.up)))
            let target = prunable.network.counts.learnables - step
            return prunable.choice(from: order) { isMet($0) || $0.learnables <= target }
        }
    }

    private func finetune(_ original: PrunableNetwork, _ monitor: CompressionMonitor) throws {
        let iteration = state.history.count - 1
        let result = try train(
            network, by: teachers.finetune, options: options.finetune, stream: "\(stream)/finetune/\(iteration)",
            phase: "iteration \(iteration)", monitor)
        state.history[iteration].loss = result.history.last?.loss
        state.history[iteration].accuracy = result.history.last?.accuracy
        state.phase = .pruning
        if let validation = validating {
            let selected = try record(result, of: iteration, on: validation)
            if options.validationThreshold != nil, !holds(selected, row: iteration), let before = accepted {
                state.history[iteration].isAccepted = false
                state.stopReason = .thresholdBroken
                network = before
                return
            }
        }
        network = result.network
        if let goal = options.goal, goal.isMet(by: network.counts) { state.stopReason = .goalMet }
    }

    /// Writes the validations of a fine-tuning into the history, and which of them is of the network that it gave.
    ///
    /// - Returns: What was measured of that network; it is measured now if no validation was at its step.
    private func record(
        _ result: TrainingResult, of iteration: Int, on validation: Dataset
    ) throws -> ValidationRecord {
        var records = result.validations
        let known = records.first { $0.step == result.selectedStep }
        let selected = try known ?? measure(result.network, on: validation, step: result.selectedStep)
        // At step 0 there is a row already.
        if known == nil, selected.step > 0 { records.append(selected) }
        state.validations += records.map { PruningValidation(iteration: iteration, $0) }
        for index in state.validations.indices
        where state.validations[index].iteration == iteration && state.validations[index].step == selected.step {
            state.validations[index].isSelected = true
        }
        return selected
    }

    private func measure(_ network: Network, on validation: Dataset, step: Int) throws -> ValidationRecord {
        let loss = try LossFunction(options.finetune, data: data, network: network)
        let evaluation = try Evaluation(of: network, on: validation, loss: loss, pool: pool)
        return ValidationRecord(evaluation, step: step, options: options.finetune)
    }

    /// Whether what was measured of a network meets the threshold; writes it into a row of the history.
    private func holds(_ record: ValidationRecord, row: Int) -> Bool {
        guard let threshold = options.validationThreshold else { return true }
        let metric = options.finetune.objectiveMetric
        state.history[row].validationLoss = record.loss
        state.history[row].validationAccuracy = record.accuracy
        state.history[row].objective = record.value(of: metric)
        // A metric that is not defined on the data is no proof that the network keeps it.
        guard let value = record.value(of: metric) else { return false }
        return metric.isHigherBetter ? value >= threshold : value <= threshold
    }

    private static func smallerLayers(of network: Network, than original: Network) -> [String] {
        func shapes(_ network: Network, _ node: Network.Node) -> [Shape] {
            network.specifications(of: node).map(\.specification.shape)
        }
        return zip(original.nodes, network.nodes).filter { shapes(original, $0) != shapes(network, $1) }.map(\.0.name)
    }

    private func row(of prunable: PrunableNetwork, removed: [PruningIteration.Removal]) -> PruningIteration {
        let counts = prunable.network.counts
        return PruningIteration(
            iteration: state.history.count, learnables: counts.learnables, totalParameters: counts.totalParameters,
            fractionRemoved: 1 - Double(counts.learnables) / Double(max(1, originalCounts.learnables)),
            filters: prunable.layers.map {
                PruningIteration.LayerFilters(layer: $0, filters: prunable.origins[$0]?.count ?? 0)
            }, removed: removed, isAccepted: true)
    }
}

// MARK: - Training

extension Pruner {
    private func train(
        _ network: Network, by teacher: Network?, options: TrainingOptions, stream: String, phase: String,
        _ monitor: CompressionMonitor
    ) throws -> TrainingResult {
        let trainer = try Trainer(
            network, data: data, validation: validation, teacher: teacher, options: options, seed: seed,
            stream: stream, pool: pool, from: resumed)
        resumed = nil
        let watched = monitor.training(
            phase: phase, fraction: { [self] in fraction(whenTrained: $0, of: options) },
            checkpoint: { [self] in try checkpoint(with: $0) })
        return try trainer.run(watched)
    }

    /// The share of all epochs that are done, where the iterations to come are guessed from those so far.
    private func fraction(whenTrained part: Double, of training: TrainingOptions) -> Double {
        let iterations = Double(max(1, state.history.count - 1))
        let retraining = Double(options.retrain?.maxEpochs ?? 0)
        let epochs = Double(options.finetune.maxEpochs)
        guard state.phase == .finetuning else {
            return (iterations * epochs + part * retraining) / max(1, iterations * epochs + retraining)
        }
        let (start, now) = (originalCounts.value(of: measure), network.counts.value(of: measure))
        let removed = Double(start - now) / Double(max(1, start - least))
        let expected = max(iterations, iterations / max(0.001, min(1, removed)))
        return (iterations - 1 + part) * epochs / max(1, expected * epochs + retraining)
    }
}

// MARK: - Checkpoints

extension Pruner {
    private func checkpoint(with training: TrainingCheckpoint) throws -> Data {
        var files = ["network": NetworkFile.encode(network), "training": training.encoded]
        if let accepted { files["accepted"] = NetworkFile.encode(accepted) }
        return try CheckpointFile(kind: "prune", state: state, files: files).encoded()
    }

    private func restore(_ data: Data) throws {
        let file = try CheckpointFile<State>(kind: "prune", decoding: data)
        guard let bytes = file.files["network"] else {
            throw CompressionError(.invalidCheckpoint, "the checkpoint of the pruning holds no network")
        }
        state = file.state
        network = try NetworkFile.decode(bytes)
        accepted = try file.files["accepted"].map { try NetworkFile.decode($0) }
        resumed = try file.training()
    }
}

extension PruningOptions {
    /// - Throws: ``CompressionError`` with code `invalidOption`.
    fileprivate func check(hasValidation: Bool) throws(CompressionError) {
        switch pace {
        case .filters(let limit) where limit < 1:
            throw CompressionError(.invalidOption, "'MaxToPrune' is \(limit); expected 1 or more")
        case .learnables(let fraction) where !(fraction > 0 && fraction <= 1):
            throw CompressionError(.invalidOption, "'LearnablesIncrement' is \(fraction); expected above 0 and up to 1")
        default: break
        }
        guard scope.minimumFraction >= 0, scope.minimumFraction <= 1 else {
            throw CompressionError(
                .invalidOption, "'minimumFraction' is \(scope.minimumFraction); expected from 0 to 1")
        }
        if validationThreshold != nil, !hasValidation {
            throw CompressionError(
                .invalidOption,
                "'ValidationThreshold' needs validation data, and the data set has none; "
                    + "give it a split 'validation' in its dataset.yaml")
        }
    }
}
