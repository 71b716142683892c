package import Datasets
package import Kernels
package import Networks
internal import Tensors

/// Trains a network: mini-batches, loss, gradient, solver, validation.
///
/// After the first step a step allocates nothing.
///
/// The result is a function of network, data, options, seed and stream: the same bytes at any number of threads,
/// stopped and resumed or not.
package final class Trainer {
    private let options: TrainingOptions
    private let data: Dataset
    private let validation: Validation?
    private let loss: LossFunction
    private let teacher: Teacher?
    private let compiled: CompiledNetwork
    /// What the loss reads and writes.
    private let outputs: FloatBuffer
    private let outputGradient: FloatBuffer
    /// What the solver changes: the learnables, or what a mapping makes them of.
    private let master: FloatBuffer
    private let mapping: (any LearnableMapping)?
    private let solver: Solver
    private let augmenter: Augmenter?
    private let update: LearnableTask
    /// Only where a step has to know all gradients before it changes a learnable.
    private let pullBack: LearnableTask?
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
    ///   - validation: What validation looks at; needed if the options validate. Its loss is that of the targets alone.
    ///   - teacher: A network whose outputs are learned beside the targets; see ``TrainingOptions/alpha``.
    ///   - seed: The seed of every random choice.
    ///   - stream: What the names of its random streams begin with.
    ///   - mapping: What the learnables are as a function of what the solver changes, if they are not that itself.
    ///   - checkpoint: What an earlier run of the same training saved.
    /// - Throws: ``TrainingError`` or `NetworkError`.
    package init(
        _ network: Network, data: Dataset, validation: Dataset? = nil, teacher: Network? = nil,
        options: TrainingOptions, seed: UInt64, stream: String, pool: WorkerPool,
        mapping: (any LearnableMapping)? = nil, from checkpoint: TrainingCheckpoint? = nil
    ) throws {
        if options.validates, (validation?.count ?? 0) == 0 {
            throw TrainingError(
                .invalidOption, "the training options ask for validation, and there are no such data")
        }
        loss = try Self.check(network, data: data, options: options, teacher: teacher)
        let network = try network.normalizing(data)
        self.options = options
        self.data = data
        self.seed = seed
        self.stream = stream
        var random = RandomStream(seed: seed, name: "\(stream)/dropout")
        dropoutSeed = UInt64(random.word()) << 32 | UInt64(random.word())
        compiled = try CompiledNetwork(
            network, batchCapacity: min(options.miniBatchSize, data.count), purpose: .training,
            observing: .result, lossAt: loss.node, pool: pool)
        augmenter = options.augmentation.map {
            Augmenter($0, shape: data.inputShape, seed: seed, stream: stream)
        }
        self.teacher = try teacher.map { [loss, compiled] in
            try Teacher(
                $0, loss: loss, data: data, options: options, batchCapacity: compiled.batchCapacity, pool: pool)
        }
        outputs = compiled.values(of: loss.node)
        outputGradient = compiled.gradient(of: loss.node)
        self.mapping = mapping
        let learnables = compiled.learnables
        let master = mapping == nil ? learnables : FloatBuffer(learnables.array)
        let solver = Solver(options, changing: master, of: compiled)
        self.master = master
        self.solver = solver
        let (gradients, measures) = (compiled.learnableGradients, solver.measuresGradients)
        pullBack = mapping.map { [compiled] mapping in
            compiled.learnableTask { _, range in mapping.pullBack(gradients, to: master, in: range) }
        }
        update = compiled.learnableTask { _, range in
            if !measures { mapping?.pullBack(gradients, to: master, in: range) }
            solver.update(range)
            mapping?.map(master, to: learnables, in: range)
        }
        self.validation =
            try options.validates
            ? validation.map { [loss] in
                try Validation(of: network, on: $0, loss: loss, pool: pool)
            } : nil
        if let checkpoint { try restore(checkpoint) }
        mapping?.map(master, to: learnables, in: 0..<learnables.count)
    }
}

// MARK: - What can be trained

extension Trainer {
    /// Whether a network can be trained on data; nothing is computed.
    ///
    /// - Returns: The loss that training would minimize.
    /// - Throws: ``TrainingError`` that says what does not fit.
    @discardableResult
    package static func check(
        _ network: Network, data: Dataset, options: TrainingOptions, teacher: Network? = nil
    ) throws(TrainingError) -> LossFunction {
        guard data.count > 0 else { throw TrainingError(.invalidData, "there is no example to train on") }
        try network.checkInput(data)
        let loss = try LossFunction(options, data: data, network: network)
        try options.checkEffect(on: data)
        try options.checkDistillation(hasTeacher: teacher != nil, loss: loss)
        if let teacher { try loss.ofTeacher(teacher, data: data, options: options) }
        if case .classes(let names, let labels) = data.targets {
            let present = Set(labels)
            if let empty = names.indices.first(where: { !present.contains($0) }) {
                throw .emptyClass(names[empty], data)
            }
        }
        for (metric, option) in options.metrics.map({ ($0, "Metrics") }) + [
            (options.objectiveMetric, "ObjectiveMetricName")
        ] {
            if let fault = metric.fault(on: data.targets, named: data.name, topK: options.topK, option: option) {
                throw fault
            }
        }
        return loss
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
        let isBest = options.outputNetwork == .bestValidation
        if isBest, counters.best != nil {
            compiled.learnables.copy(from: bestLearnables)
            compiled.states.copy(from: bestStates)
        }
        return TrainingResult(
            network: compiled.currentNetwork(), history: counters.history, validations: counters.validations,
            stopReason: counters.epoch < options.maxEpochs ? .patience : .maxEpochs,
            selectedEpoch: isBest ? counters.bestEpoch : counters.epoch,
            selectedStep: isBest ? counters.bestStep : counters.step)
    }

    private var isPatienceExhausted: Bool {
        options.validationPatience.map { counters.validationsSinceBest >= $0 } ?? false
    }

    private func runEpoch(_ monitor: TrainingMonitor) throws {
        let batches = MiniBatches(
            examples: data.count, size: compiled.batchCapacity, shuffle: options.shuffle, seed: seed, stream: stream,
            epoch: counters.epoch, lengths: options.groupByLength ? data.steps : nil)
        while counters.stepInEpoch < batches.count {
            let rate = options.learnRate(
                epoch: counters.epoch, step: counters.step, stepsPerEpoch: stepsPerEpoch)
            try step(batches[counters.stepInEpoch], learnRate: rate)
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

    private func step(_ rows: ArraySlice<Int>, learnRate: Double) throws {
        counters.step += 1
        try compiled.setInput(data, rows: rows, augmenter: augmenter, epoch: counters.epoch)
        compiled.forward(count: rows.count, mode: .training(dropoutSeed: dropoutSeed, step: counters.step))
        var batch = loss.evaluate(outputs, targets: data.targets, rows: rows, gradient: outputGradient)
        try teacher?.teach(
            &batch, data: data, rows: rows, augmenter: augmenter, epoch: counters.epoch, values: outputs,
            gradient: outputGradient)
        guard batch.isFinite else { throw TrainingError.diverged(epoch: counters.epoch + 1, options) }
        solver.begin(step: counters.step, learnRate: learnRate)
        if solver.measuresGradients {
            compiled.backward(from: loss.node, count: rows.count)
            if let pullBack { compiled.run(pullBack) }
            solver.measureGradients()
            compiled.run(update)
        } else {
            compiled.backward(from: loss.node, count: rows.count, then: update)
        }
        counters.sums += batch
        counters.stepInEpoch += 1
    }

    private func finishEpoch(learnRate: Double) throws {
        // Statistics and updates may overflow where no loss shows it.
        guard SolverKernels.isFinite(master), SolverKernels.isFinite(compiled.states) else {
            throw TrainingError.diverged(epoch: counters.epoch + 1, options)
        }
        counters.history.append(
            EpochRecord(
                epoch: counters.epoch + 1, learnRate: learnRate, loss: counters.sums.loss,
                accuracy: accuracy(of: counters.sums), rmse: rmse(of: counters.sums),
                validation: counters.validation))
        counters.epoch += 1
        counters.stepInEpoch = 0
        counters.sums = LossFunction.Batch()
        counters.validation = nil
    }

    private var isOfClasses: Bool { if case .classes = data.targets { true } else { false } }
    private func accuracy(of batch: LossFunction.Batch) -> Double? { isOfClasses ? batch.accuracy : nil }
    private func rmse(of batch: LossFunction.Batch) -> Double? { isOfClasses ? nil : batch.rmse }

    private func validate(with validation: Validation) throws {
        validation.set(learnables: compiled.learnables, states: compiled.states)
        let batch = try validation.measure()
        guard batch.isFinite else { throw TrainingError.diverged(epoch: counters.epoch + 1, options) }
        var record = ValidationRecord(
            step: counters.step, loss: batch.loss, accuracy: accuracy(of: batch), rmse: rmse(of: batch))
        // What decides stands in the history, asked for or not.
        let isMissing = record.value(of: options.objectiveMetric) == nil
        if !options.metrics.isEmpty || isMissing {
            let evaluation = try validation.evaluation()
            for metric in options.metrics + (isMissing ? [options.objectiveMetric] : []) {
                record.metrics[metric.rawValue] = evaluation.value(of: metric, k: options.topK)
            }
        }
        guard let objective = record.value(of: options.objectiveMetric) else {
            throw TrainingError.undefined(options.objectiveMetric)
        }
        counters.validation = record
        counters.validations.append(record)
        let merit = options.objectiveMetric.isHigherBetter ? objective : -objective
        counters.validationsSinceBest += 1
        if merit > counters.best ?? -.infinity {
            counters.best = merit
            counters.bestEpoch = counters.epoch + 1
            counters.bestStep = counters.step
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
            loss: last?.loss ?? counters.sums.loss,
            accuracy: last.map(\.accuracy) ?? accuracy(of: counters.sums),
            rmse: last.map(\.rmse) ?? rmse(of: counters.sums))
    }
}

// MARK: - Checkpoints

extension Trainer {
    private var checkpoint: TrainingCheckpoint {
        var tensors = [
            "learnables": master.array, "states": compiled.states.array, "moment1": solver.first.array,
            "moment2": solver.second.array,
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
        master.copy(from: try elements("learnables", for: master))
        compiled.states.copy(from: try elements("states", for: compiled.states))
        solver.first.copy(from: try elements("moment1", for: solver.first))
        solver.second.copy(from: try elements("moment2", for: solver.second))
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
                + "InitialLearnRate than \(options.initialLearnRate)",
            option: "InitialLearnRate", value: options.initialLearnRate)
    }

    fileprivate static func emptyClass(_ name: String, _ data: Dataset) -> TrainingError {
        TrainingError(
            .invalidData, "class '\(name)' of '\(data.name)' has no example to train on",
            help: "add some, or remove it from the labels of the data set")
    }

    fileprivate static func undefined(_ metric: Metric) -> TrainingError {
        TrainingError(
            .invalidData, "'\(metric.rawValue)' is not defined on the validation data, whose targets are all the same",
            option: "ObjectiveMetricName", help: "choose another ObjectiveMetricName, or other validation data")
    }

    fileprivate static func foreignCheckpoint(_ fault: String) -> TrainingError {
        TrainingError(.invalidCheckpoint, "the checkpoint is of another training: \(fault)")
    }
}
