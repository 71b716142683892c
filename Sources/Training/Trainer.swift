package import Datasets
package import Kernels
package import Networks
internal import Tensors

/// Trains a network: mini-batches, loss, gradient, solver, validation.
///
/// The result is a function of network, data, options, seed and stream: the same bytes at any number of threads,
/// stopped and resumed or not.
package final class Trainer {
    private let options: TrainingOptions
    private let data: Dataset
    private let validation: Validation?
    private let loss: CrossEntropy
    private let compiled: CompiledNetwork
    private let first: FloatBuffer
    private let second: FloatBuffer
    /// Where learnables that are regularized stand in the flat buffer.
    private let regularized: [Range<Int>]
    private let seed: UInt64
    private let stream: String
    /// What dropout draws by, together with layer and step.
    private let dropoutSeed: UInt64
    private var counters = TrainingCheckpoint.Counters()
    private var bestLearnables: [Float] = []
    private var bestStates: [Float] = []

    /// Prepares a training.
    ///
    /// - Parameters:
    ///   - network: With all its parameters; missing constants of the input are taken from the data first.
    ///   - data: What is learned from.
    ///   - validation: What validation looks at; needed if the options validate.
    ///   - seed: The seed of every random choice.
    ///   - stream: What the names of its random streams begin with.
    ///   - checkpoint: What an earlier run of the same training saved.
    /// - Throws: ``TrainingError`` or `NetworkError`.
    package init(
        _ network: Network, data: Dataset, validation: Dataset? = nil, options: TrainingOptions, seed: UInt64,
        stream: String, pool: WorkerPool, from checkpoint: TrainingCheckpoint? = nil
    ) throws {
        guard data.count > 0 else { throw TrainingError(.invalidData, "there is no example to train on") }
        try network.checkFit(data)
        let network = try network.normalizing(data)
        self.options = options
        self.data = data
        self.seed = seed
        self.stream = stream
        var random = RandomStream(seed: seed, name: "\(stream)/dropout")
        dropoutSeed = UInt64(random.word()) << 32 | UInt64(random.word())
        loss = CrossEntropy(
            weights: try options.classWeights?.weights(labels: data.labels, classes: data.classes)
                ?? Array(repeating: 1, count: data.classes.count))
        compiled = try CompiledNetwork(
            network, batchCapacity: min(options.miniBatchSize, data.count), purpose: .training,
            observing: .result, pool: pool)
        first = FloatBuffer(count: compiled.learnables.count)
        second = FloatBuffer(count: options.solver == .adam ? compiled.learnables.count : 0)
        regularized = network.regularizedRanges
        if options.validates {
            guard let validation, validation.count > 0 else {
                throw TrainingError(
                    .invalidOption, "the training options ask for validation, and there are no such data")
            }
            self.validation = try Validation(of: network, on: validation, pool: pool)
        } else {
            self.validation = nil
        }
        if let checkpoint { try restore(checkpoint) }
    }
}

// MARK: - Training

extension Trainer {
    private var stepsPerEpoch: Int { (data.count + compiled.batchCapacity - 1) / compiled.batchCapacity }

    /// Runs to the end.
    ///
    /// - Throws: ``TrainingError`` with code `diverged` if the loss or a parameter is not finite, and what the monitor throws.
    package func run(_ monitor: TrainingMonitor = .none) throws -> TrainingResult {
        while counters.epoch < options.maxEpochs, !isPatienceExhausted { try runEpoch(monitor) }
        if options.outputNetwork == .bestValidation, counters.best != nil {
            compiled.learnables.copy(from: bestLearnables)
            compiled.states.copy(from: bestStates)
        }
        return TrainingResult(
            network: compiled.currentNetwork(), history: counters.history,
            stopReason: counters.epoch < options.maxEpochs ? .patience : .maxEpochs,
            selectedEpoch: options.outputNetwork == .bestValidation ? counters.bestEpoch : counters.epoch)
    }

    private var isPatienceExhausted: Bool {
        options.validationPatience.map { counters.validationsSinceBest >= $0 } ?? false
    }

    private func runEpoch(_ monitor: TrainingMonitor) throws {
        let batches = MiniBatches(
            examples: data.count, size: compiled.batchCapacity, shuffle: options.shuffle, seed: seed, stream: stream,
            epoch: counters.epoch)
        let rate = options.learnRate(epoch: counters.epoch)
        while counters.stepInEpoch < batches.count {
            try step(batches[counters.stepInEpoch], learnRate: Float(rate))
            let isLast = counters.stepInEpoch == batches.count
            let validates = options.validationFrequency.map { counters.step.isMultiple(of: $0) } ?? isLast
            if let validation, validates { try validate(with: validation) }
            if isLast { try finishEpoch(learnRate: rate) }
            monitor.report(progress)
            if monitor.isCheckpointDue(isLast) { try monitor.save(checkpoint) }
            try monitor.checkCancellation()
            if isLast { return }
        }
    }

    private func step(_ rows: ArraySlice<Int>, learnRate: Float) throws {
        counters.step += 1
        try compiled.setInput(data, rows: rows)
        compiled.forward(count: rows.count, mode: .training(dropoutSeed: dropoutSeed, step: counters.step))
        let batch = loss.evaluate(
            logits: compiled.values(of: compiled.logits), labels: data.labels, rows: rows,
            gradient: compiled.gradient(of: compiled.logits))
        guard batch.loss.isFinite else { throw TrainingError.diverged(epoch: counters.epoch + 1, options) }
        compiled.backward(from: compiled.logits, count: rows.count)
        update(learnRate: learnRate)
        counters.loss += batch.loss
        counters.weight += batch.weight
        counters.correct += batch.correct
        counters.count += batch.count
        counters.stepInEpoch += 1
    }

    private func update(learnRate: Float) {
        let gradients = compiled.learnableGradients
        if options.l2Regularization > 0 {
            for range in regularized {
                SolverKernels.add(Float(options.l2Regularization), times: compiled.learnables, to: gradients, in: range)
            }
        }
        if let threshold = options.gradientThreshold {
            let norm = SolverKernels.norm(gradients)
            if norm > threshold { SolverKernels.scale(gradients, by: Float(threshold / norm)) }
        }
        switch options.solver {
        case .adam:
            SolverKernels.adam(
                compiled.learnables, gradients: gradients, first: first, second: second, step: counters.step,
                learnRate: learnRate)
        case .sgdm:
            SolverKernels.sgdm(
                compiled.learnables, gradients: gradients, velocity: first, learnRate: learnRate,
                momentum: Float(options.momentum))
        }
    }

    private func finishEpoch(learnRate: Double) throws {
        // Statistics and updates may overflow where no loss shows it.
        guard SolverKernels.norm(compiled.learnables).isFinite, SolverKernels.norm(compiled.states).isFinite else {
            throw TrainingError.diverged(epoch: counters.epoch + 1, options)
        }
        counters.history.append(
            EpochRecord(
                epoch: counters.epoch + 1, learnRate: learnRate,
                loss: counters.weight > 0 ? counters.loss / counters.weight : 0,
                accuracy: Double(counters.correct) / Double(counters.count),
                validationLoss: counters.validationLoss, validationAccuracy: counters.validationAccuracy))
        counters.epoch += 1
        counters.stepInEpoch = 0
        (counters.loss, counters.weight, counters.correct, counters.count) = (0, 0, 0, 0)
        (counters.validationLoss, counters.validationAccuracy) = (nil, nil)
    }

    private func validate(with validation: Validation) throws {
        let batch = try validation.evaluate(learnables: compiled.learnables, states: compiled.states)
        guard batch.loss.isFinite else { throw TrainingError.diverged(epoch: counters.epoch + 1, options) }
        counters.validationLoss = batch.meanLoss
        counters.validationAccuracy = batch.accuracy
        // Larger is better.
        let merit = options.objectiveMetric == .accuracy ? batch.accuracy : -batch.meanLoss
        counters.validationsSinceBest += 1
        if merit > counters.best ?? -.infinity {
            counters.best = merit
            counters.bestEpoch = counters.epoch + 1
            counters.validationsSinceBest = 0
            bestLearnables = compiled.learnables.array
            bestStates = compiled.states.array
        }
    }

    private var progress: TrainingProgress {
        let done = counters.epoch * stepsPerEpoch + counters.stepInEpoch
        let last = counters.stepInEpoch == 0 ? counters.history.last : nil
        return TrainingProgress(
            fraction: Double(done) / Double(options.maxEpochs * stepsPerEpoch),
            epoch: min(counters.epoch + 1, options.maxEpochs), maxEpochs: options.maxEpochs,
            loss: last?.loss ?? counters.loss / max(counters.weight, .leastNormalMagnitude),
            accuracy: last?.accuracy ?? Double(counters.correct) / Double(max(1, counters.count)))
    }
}

// MARK: - Checkpoints

extension Trainer {
    private var checkpoint: TrainingCheckpoint {
        var tensors = [
            "learnables": compiled.learnables.array, "states": compiled.states.array, "moment1": first.array,
            "moment2": second.array,
        ]
        if counters.best != nil {
            tensors["best.learnables"] = bestLearnables
            tensors["best.states"] = bestStates
        }
        return TrainingCheckpoint(counters: counters, tensors: tensors)
    }

    private func restore(_ checkpoint: TrainingCheckpoint) throws(TrainingError) {
        func elements(_ name: String, for buffer: FloatBuffer) throws(TrainingError) -> [Float] {
            guard let elements = checkpoint.tensors[name], elements.count == buffer.count else {
                throw TrainingError.foreignCheckpoint("its \(name) do not fit")
            }
            return elements
        }
        counters = checkpoint.counters
        guard (0...options.maxEpochs).contains(counters.epoch), (0..<stepsPerEpoch).contains(counters.stepInEpoch),
            counters.step == counters.epoch * stepsPerEpoch + counters.stepInEpoch
        else { throw TrainingError.foreignCheckpoint("its counters do not fit the data and options") }
        compiled.learnables.copy(from: try elements("learnables", for: compiled.learnables))
        compiled.states.copy(from: try elements("states", for: compiled.states))
        first.copy(from: try elements("moment1", for: first))
        second.copy(from: try elements("moment2", for: second))
        guard counters.best != nil else { return }
        bestLearnables = try elements("best.learnables", for: compiled.learnables)
        bestStates = try elements("best.states", for: compiled.states)
    }
}

// MARK: - Messages

extension TrainingError {
    fileprivate static func diverged(epoch: Int, _ options: TrainingOptions) -> TrainingError {
        TrainingError(
            .diverged,
            "the training diverged in epoch \(epoch): its loss or parameters are no longer finite; try a smaller "
                + "InitialLearnRate than \(options.initialLearnRate)")
    }

    fileprivate static func foreignCheckpoint(_ fault: String) -> TrainingError {
        TrainingError(.invalidCheckpoint, "the checkpoint is of another training: \(fault)")
    }
}
