import AllocationCounter
import Datasets
import Interchange
import Kernels
import Networks
import Tensors
import Testing
import Training

@Suite struct TrainerTests {
    private static func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
        var options = TrainingOptions()
        options.initialLearnRate = 0.01
        options.maxEpochs = 6
        options.miniBatchSize = 8
        change(&options)
        return options
    }

    private static func train(
        _ options: TrainingOptions, threads: Int = 2, seed: UInt64 = 7, stream: String = "train/0",
        from checkpoint: TrainingCheckpoint? = nil, monitor: TrainingMonitor = .none
    ) throws -> TrainingResult {
        try Trainer(
            ToyProblem.network(), data: ToyProblem.data(28, seed: 1),
            validation: ToyProblem.data(16, seed: 2, name: "validation"), options: options, seed: seed, stream: stream,
            pool: WorkerPool(threads: threads), from: checkpoint
        ).run(monitor)
    }

    private static func bytes(_ result: TrainingResult) -> [UInt8] { [UInt8](NetworkFile.encode(result.network)) }

    @Test(arguments: TrainingOptions.Solver.allCases)
    func `a separable problem is learned to the last case`(solver: TrainingOptions.Solver) throws {
        let data = ToyProblem.data(64, seed: 1)
        let options = Self.options {
            $0.solver = solver
            $0.initialLearnRate = solver == .sgdm ? 0.1 : 0.02
            $0.maxEpochs = 40
        }
        let pool = WorkerPool(threads: 2)
        let result = try Trainer(
            try ToyProblem.network(), data: data, options: options, seed: 1, stream: "train", pool: pool
        ).run()
        #expect(try Evaluation(of: result.network, on: data, pool: pool).accuracy == 1)
        let last = try #require(result.history.last)
        #expect(last.loss < result.history[0].loss)
        #expect(last.epoch == 40)
        #expect(last.learnRate == options.initialLearnRate)
        #expect(result.stopReason == .maxEpochs)
        #expect(result.selectedEpoch == 40)
    }

    @Test func `one, two and three threads give the same bytes`() throws {
        let results = try (1...3).map { try Self.train(Self.options(), threads: $0) }
        #expect(Self.bytes(results[0]) == Self.bytes(results[1]))
        #expect(Self.bytes(results[0]) == Self.bytes(results[2]))
        #expect(results[0].history == results[1].history)
    }

    // MARK: - Sequences of unequal length

    /// The toy problem, cut to lengths from 4 to 8.
    private static func cut(_ count: Int, seed: UInt64) throws -> Dataset {
        let whole = ToyProblem.data(count, seed: seed)
        let steps = (0..<count).map { 4 + $0 * 3 % 5 }
        var examples: [Float] = []
        for (row, steps) in steps.enumerated() {
            examples += try whole.example(row).enumerated().map { $0.offset % 8 < steps ? $0.element : 0 }
        }
        return Dataset(
            name: whole.name, channels: whole.channels, shape: whole.inputShape, targets: whole.targets, steps: steps,
            examples: examples)
    }

    private static func trainCut(
        _ options: TrainingOptions, _ network: Network? = nil, threads: Int = 2
    ) throws -> TrainingResult {
        try Trainer(
            network ?? ToyProblem.network(), data: cut(28, seed: 1), validation: cut(16, seed: 2), options: options,
            seed: 7, stream: "train/0", pool: WorkerPool(threads: threads)
        ).run()
    }

    @Test func `sequences of unequal length are learned, alike on any number of threads`() throws {
        let options = Self.options { $0.maxEpochs = 30 }
        let results = try (1...3).map { try Self.trainCut(options, threads: $0) }
        #expect(Self.bytes(results[0]) == Self.bytes(results[1]))
        #expect(Self.bytes(results[0]) == Self.bytes(results[2]))
        let last = try #require(results[0].history.last)
        #expect(last.loss < 0.5 * results[0].history[0].loss)
    }

    @Test func `batches by length are other batches`() throws {
        let drawn = try Self.trainCut(Self.options { $0.groupByLength = false })
        #expect(Self.bytes(try Self.trainCut(Self.options())) != Self.bytes(drawn))
    }

    @Test func `a network that needs every step does not train on unequal lengths`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 8), inputs: []),
            Network.Node("flat", Flatten(), inputs: ["input"]),
            Network.Node("fc", Dense(outputs: 2), inputs: ["flat"]),
        ]).initialized(seed: 1, stream: "flat")
        let message =
            "layer 'flat': 'flatten' makes 16 of every step of 2 x 8, padding included; "
            + "put a global pooling or a recurrent layer with the last step as output before it"
        #expect(throws: TrainingError(.invalidData, message)) { try Self.trainCut(Self.options(), network) }
    }

    @Test func `seed and stream change the result`() throws {
        let result = Self.bytes(try Self.train(Self.options()))
        #expect(Self.bytes(try Self.train(Self.options(), seed: 8)) != result)
        #expect(Self.bytes(try Self.train(Self.options(), stream: "train/1")) != result)
    }

    @Test func `augmentation changes the result, drawn alike at any number of threads`() throws {
        let options = Self.options {
            $0.augmentation = Augmentation()
            $0.augmentation?.noise = 0.3
            $0.augmentation?.shift = 2
        }
        let result = Self.bytes(try Self.train(options, threads: 1))
        #expect(Self.bytes(try Self.train(options, threads: 3)) == result)
        #expect(Self.bytes(try Self.train(Self.options())) != result)
        let idle = Self.options { $0.augmentation = Augmentation() }
        #expect(Self.bytes(try Self.train(idle)) == Self.bytes(try Self.train(Self.options())))
    }

    @Test func `dropout is drawn by the stream`() throws {
        let options = Self.options { $0.shuffle = .never }
        #expect(Self.bytes(try Self.train(options)) != Self.bytes(try Self.train(options, stream: "train/1")))
    }

    // MARK: - Stopping and resuming

    private struct Stop: Error {}

    /// Trains in runs of some steps each, every one from what the one before saved, until the training is done.
    private static func trainInParts(_ options: TrainingOptions, steps: (Int) -> Int) throws -> TrainingResult {
        var saved: SafetensorsFile?
        for part in 0... {
            var left = steps(part)
            let monitor = TrainingMonitor(
                report: { _ in },
                isCheckpointDue: { _ in
                    left -= 1; return left == 0
                },
                save: { saved = try SafetensorsFile(decoding: $0.encoded) },
                checkCancellation: { if left == 0 { throw Stop() } })
            do {
                let checkpoint = try saved.map { try TrainingCheckpoint($0) }
                return try train(options, from: checkpoint, monitor: monitor)
            } catch is Stop {}
        }
        preconditionFailure("a training ends")
    }

    static let resumed: [TrainingOptions] = [
        options(),
        options {
            $0.solver = .rmsprop
            $0.augmentation = Augmentation()
            $0.augmentation?.noise = 0.3
        },
        options {
            $0.solver = .sgdm
            $0.shuffle = .once
            $0.schedule = .cosine
            $0.gradientThreshold = 0.5
            $0.classWeights = .balanced
        },
        options {
            $0.outputNetwork = .bestValidation
            $0.validationFrequency = 3
            $0.objectiveMetric = .accuracy
        },
        options {
            $0.outputNetwork = .bestValidation
            $0.initialLearnRate = 0.3
            $0.maxEpochs = 8
            $0.validationPatience = 1
        },
    ]

    @Test(arguments: resumed)
    func `stopped after any number of steps and resumed, the bytes are the same`(options: TrainingOptions) throws {
        let whole = try Self.train(options)
        if options.validationPatience != nil { #expect(whole.stopReason == .patience) }
        // 28 examples in batches of 8: 4 steps an epoch.
        for stop in 1...4 * whole.history.count {
            let resumed = try Self.trainInParts(options) { $0 == 0 ? stop : Int.max }
            #expect(Self.bytes(resumed) == Self.bytes(whole), "stopped after \(stop) steps")
            #expect(resumed.history == whole.history, "stopped after \(stop) steps")
            #expect(resumed.stopReason == whole.stopReason && resumed.selectedEpoch == whole.selectedEpoch)
        }
    }

    @Test(arguments: resumed, [1, 3, 7])
    func `stopped again and again, the bytes are the same`(options: TrainingOptions, steps: Int) throws {
        let whole = try Self.train(options)
        let resumed = try Self.trainInParts(options) { _ in steps }
        #expect(Self.bytes(resumed) == Self.bytes(whole))
        #expect(resumed.history == whole.history)
    }

    @Test func `a checkpoint of another training is refused`() throws {
        var saved: TrainingCheckpoint?
        let monitor = TrainingMonitor(
            report: { _ in }, isCheckpointDue: { _ in true }, save: { saved = $0 }, checkCancellation: {})
        _ = try Self.train(Self.options(), monitor: monitor)
        let checkpoint = try #require(saved)
        func expect(_ message: String, _ options: TrainingOptions) {
            #expect(throws: TrainingError(.invalidCheckpoint, "the checkpoint is of another training: \(message)")) {
                try Self.train(options, from: checkpoint)
            }
        }
        expect("its moment2 do not fit", Self.options { $0.solver = .sgdm })
        expect("its counters do not fit the data and options", Self.options { $0.miniBatchSize = 4 })
        expect("its counters do not fit the data and options", Self.options { $0.maxEpochs = 2 })
        #expect(throws: TrainingError(.invalidCheckpoint, "the checkpoint holds no training")) {
            try TrainingCheckpoint(SafetensorsFile(tensors: [:]))
        }
    }

    // MARK: - Validation

    @Test(arguments: [Metric.loss, .accuracy])
    func `best-validation gives the network of the best validation`(metric: Metric) throws {
        let options = Self.options {
            $0.outputNetwork = .bestValidation
            $0.objectiveMetric = metric
            $0.initialLearnRate = 0.2
            $0.maxEpochs = 12
        }
        let result = try Self.train(options)
        let validations = try result.history.map { record in
            try #require(metric == .loss ? record.validation?.loss : record.validation?.accuracy.map { -$0 })
        }
        let best = try #require(validations.min())
        let first = try #require(validations.firstIndex(of: best))
        #expect(result.selectedEpoch == first + 1)
        let evaluation = try Evaluation(
            of: result.network, on: ToyProblem.data(16, seed: 2, name: "validation"), pool: WorkerPool(threads: 1))
        let measured = metric == .loss ? evaluation.loss : -evaluation.accuracy
        #expect(abs(measured - best) < 1e-6)
    }

    @Test func `patience ends a training that no longer gets better`() throws {
        let options = Self.options {
            $0.initialLearnRate = 0.5
            $0.maxEpochs = 50
            $0.validationPatience = 2
        }
        let result = try Self.train(options)
        let losses = try result.history.map { try #require($0.validation?.loss) }
        #expect(result.stopReason == .patience)
        #expect(result.history.count < 50)
        let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
        #expect(losses.count - 1 - best == 2)
    }

    @Test func `validation counts steps`() throws {
        // 4 steps an epoch: step 6 is in the second epoch, steps 12 in the third.
        let result = try Self.train(Self.options { $0.validationFrequency = 6 })
        #expect(result.history.map { $0.validation != nil } == [false, true, true, false, true, true])
        #expect(try Self.train(Self.options()).history.allSatisfy { $0.validation == nil })
    }

    @Test func `what is asked for is measured at each validation`() throws {
        let result = try Self.train(
            Self.options {
                $0.metrics = [.f1, .topK]
                $0.topK = 2
                $0.objectiveMetric = .auc
                $0.outputNetwork = .bestValidation
            })
        let validations = try result.history.map { try #require($0.validation) }
        #expect(validations.allSatisfy { $0.metrics.keys.sorted() == ["auc", "f1", "topK"] && $0.rmse == nil })
        #expect(validations.allSatisfy { $0.metrics["topK"] == 1 })
        let areas = validations.compactMap { $0.metrics["auc"] }
        let best = try #require(areas.max())
        #expect(result.selectedEpoch == (areas.firstIndex(of: best) ?? 0) + 1)
        let evaluation = try Evaluation(
            of: result.network, on: ToyProblem.data(16, seed: 2, name: "validation"), pool: WorkerPool(threads: 1))
        #expect(evaluation.value(of: .auc) == best)
    }

    @Test func `the loss of a validation is weighted as that of the training`() throws {
        let options = Self.options {
            $0.classWeights = .given([1, 9])
            $0.labelSmoothing = 0.1
            $0.outputNetwork = .bestValidation
            $0.maxEpochs = 1
        }
        let result = try Self.train(options)
        let data = ToyProblem.data(16, seed: 2, name: "validation")
        let loss = try LossFunction(options, data: ToyProblem.data(28, seed: 1), network: result.network)
        let weighted = try Evaluation(of: result.network, on: data, loss: loss, pool: WorkerPool(threads: 1))
        let plain = try Evaluation(of: result.network, on: data, pool: WorkerPool(threads: 1))
        #expect(abs(try #require(result.history[0].validation?.loss) - weighted.loss) < 1e-9)
        #expect(abs(plain.loss - weighted.loss) > 1e-3)
    }

    // MARK: - One output, and values

    @Test(arguments: [1, 2])
    func `a sigmoid at the end is trained through its logits and judged by them`(outputs: Int) throws {
        let data = ToyProblem.data(64, seed: 1)
        let pool = WorkerPool(threads: 2)
        var nodes = try ToyProblem.network(classes: outputs).nodes
        nodes[nodes.count - 1] = Network.Node("sigmoid", Sigmoid(), inputs: ["fc"])
        let options = Self.options {
            $0.initialLearnRate = 0.02
            $0.maxEpochs = 40
        }
        let result = try Trainer(
            Network(nodes: nodes).initialized(seed: 1, stream: "toy").architecture.normalizing(data).initialized(
                seed: 1, stream: "toy"), data: data, options: options, seed: 1, stream: "train", pool: pool
        ).run()
        let evaluation = try Evaluation(of: result.network, on: data, pool: pool)
        #expect(evaluation.accuracy == 1 && evaluation.value(of: .auc) == 1)
        #expect(try #require(result.history.last).loss < result.history[0].loss)
    }

    @Test(arguments: [LossFunction.Kind.mse, .mae, .huber])
    func `a regression is learned, and its figures are those of values`(loss: LossFunction.Kind) throws {
        let (data, validation) = (ToyProblem.amplitudes(96, seed: 1), ToyProblem.amplitudes(32, seed: 2))
        let options = Self.options {
            $0.loss = loss
            $0.initialLearnRate = 0.02
            $0.maxEpochs = 60
            $0.metrics = [.r2, .mae]
            $0.objectiveMetric = .rmse
        }
        let pool = WorkerPool(threads: 2)
        let result = try Trainer(
            ToyProblem.regression(), data: data, validation: validation, options: options, seed: 1, stream: "train",
            pool: pool
        ).run()
        let (first, last) = (result.history[0], try #require(result.history.last))
        #expect(try #require(last.rmse) < #require(first.rmse) / 2)
        #expect(last.accuracy == nil && last.validation?.accuracy == nil)
        let evaluation = try Evaluation(of: result.network, on: validation, pool: pool)
        #expect(try #require(evaluation.value(of: .r2)) > 0.8)
        #expect(last.validation?.metrics["r2"] == evaluation.value(of: .r2))
        #expect(last.validation?.metrics["mae"] == evaluation.value(of: .mae))
        #expect(abs(try #require(last.validation?.rmse) - #require(evaluation.value(of: .rmse))) < 1e-9)
    }

    // MARK: - Faults

    @Test func `a class without an example to train on is an error that names it`() throws {
        let data = ToyProblem.data(8, seed: 1).rows([0, 2, 4])
        #expect(
            throws: TrainingError(
                .invalidData, "class 'rough' of 'toy' has no example to train on",
                help: "add some, or remove it from the labels of the data set")
        ) {
            try Trainer(
                ToyProblem.network(), data: data, options: Self.options(), seed: 1, stream: "",
                pool: WorkerPool(threads: 1))
        }
    }

    @Test func `an objective that is not defined on the validation data is an error`() throws {
        let options = Self.options {
            $0.objectiveMetric = .auc
            $0.outputNetwork = .bestValidation
        }
        #expect(
            throws: TrainingError(
                .invalidData, "'auc' is not defined on the validation data, whose targets are all the same",
                option: "ObjectiveMetricName", help: "choose another ObjectiveMetricName, or other validation data")
        ) {
            try Trainer(
                ToyProblem.network(), data: ToyProblem.data(16, seed: 1),
                validation: ToyProblem.data(8, seed: 2).rows([0, 2]), options: options, seed: 1, stream: "",
                pool: WorkerPool(threads: 1)
            ).run()
        }
    }

    /// The learn rate grows until the loss overflows in a later epoch.
    @Test func `a training that diverges late saves nothing after its last good epoch`() throws {
        var saved: [TrainingCheckpoint] = []
        let monitor = TrainingMonitor(
            report: { _ in }, isCheckpointDue: { $0 }, save: { saved.append($0) }, checkCancellation: {})
        let options = Self.options {
            $0.solver = .sgdm
            $0.initialLearnRate = 0.001
            $0.schedule = .piecewise
            $0.dropFactor = 1e17
            $0.dropPeriod = 2
        }
        #expect(
            throws: TrainingError(
                .diverged,
                "the training diverged in epoch 3: its loss or parameters are no longer finite; try a smaller "
                    + "InitialLearnRate than 0.001", option: "InitialLearnRate", value: 0.001)
        ) { try Self.train(options, monitor: monitor) }
        #expect(saved.map(\.counters.history.count) == [1, 2])
        // What was saved goes on as if nothing had happened.
        let calm = Self.options {
            $0.solver = .sgdm
            $0.initialLearnRate = 0.001
        }
        #expect(try Self.train(calm, from: saved.last).history.allSatisfy { $0.loss.isFinite })
    }

    @Test func `a training that diverges stops and says what to do`() throws {
        let options = Self.options {
            $0.solver = .sgdm
            $0.initialLearnRate = 1e30
            $0.l2Regularization = 0
        }
        #expect(
            throws: TrainingError(
                .diverged,
                "the training diverged in epoch 1: its loss or parameters are no longer finite; try a smaller "
                    + "InitialLearnRate than 1e+30", option: "InitialLearnRate", value: 1e30)
        ) { try Self.train(options) }
    }

    @Test func `data that do not fit the network are refused with both shapes`() throws {
        let (data, pool) = (ToyProblem.data(4, seed: 1), WorkerPool(threads: 1))
        #expect(
            throws: TrainingError(
                .invalidData,
                "layer 'input' reads 3 x 8, and the examples of 'toy' are 2 x 8 (x, y); choose channels that fit")
        ) {
            try Trainer(
                ToyProblem.network(channels: 3), data: data, options: Self.options(), seed: 1, stream: "", pool: pool)
        }
        let network = try ToyProblem.network(classes: 3).initialized(seed: 1, stream: "")
        #expect(
            throws: TrainingError(
                .invalidData, "layer 'softmax' gives 3 scores, and 'toy' has 2 classes: calm, rough", option: "loss")
        ) { try Evaluation(of: network, on: data, pool: pool) }
    }

    @Test func `a training without the data it needs is refused`() throws {
        let pool = WorkerPool(threads: 1)
        #expect(
            throws: TrainingError(
                .invalidOption, "the training options ask for validation, and there are no such data")
        ) {
            try Trainer(
                ToyProblem.network(), data: ToyProblem.data(4, seed: 1),
                options: Self.options { $0.outputNetwork = .bestValidation }, seed: 1, stream: "", pool: pool)
        }
        #expect(throws: TrainingError(.invalidData, "there is no example to train on")) {
            try Trainer(
                ToyProblem.network(), data: ToyProblem.data(0, seed: 1), options: Self.options(), seed: 1, stream: "",
                pool: pool)
        }
    }

    // MARK: - Memory

    /// Everything that a step may be asked for; `report` is called after each.
    @Test(
        .enabled(if: allocations_of_this_thread() >= 0, "heap allocations are counted on glibc"),
        arguments: TrainingOptions.Solver.allCases)
    func `no step after the first allocates`(solver: TrainingOptions.Solver) throws {
        var counts: [Int] = []
        counts.reserveCapacity(100)
        let monitor = TrainingMonitor(
            report: { _ in counts.append(Int(allocations_of_this_thread())) }, isCheckpointDue: { _ in false },
            save: { _ in }, checkCancellation: {})
        let options = Self.options {
            $0.solver = solver
            $0.maxEpochs = 1
            $0.miniBatchSize = 2
            $0.gradientThreshold = 0.5
            $0.thresholdMethod = .norm
            $0.classWeights = .balanced
            $0.labelSmoothing = 0.1
            $0.warmupEpochs = 0.5
            $0.schedule = .cosine
        }
        _ = try Trainer(
            ToyProblem.network(), data: ToyProblem.data(28, seed: 1), options: options, seed: 1, stream: "",
            pool: WorkerPool(threads: 1)
        ).run(monitor)
        // The last step ends the epoch, which writes a row of the history.
        #expect(counts.count == 14 && Set(counts.dropFirst().dropLast()).count == 1, "\(counts)")
    }

    @Test func `no step after the first allocates a buffer`() async {
        await #expect(processExitsWith: .success) {
            var counts: [Int] = []
            let monitor = TrainingMonitor(
                report: { _ in counts.append(FloatBuffer.allocations) }, isCheckpointDue: { _ in false },
                save: { _ in }, checkCancellation: {})
            var options = TrainingOptions()
            options.maxEpochs = 3
            options.miniBatchSize = 8
            options.outputNetwork = .bestValidation
            options.gradientThreshold = 1
            _ = try Trainer(
                ToyProblem.network(), data: ToyProblem.data(28, seed: 1), validation: ToyProblem.data(6, seed: 2),
                options: options, seed: 1, stream: "", pool: WorkerPool(threads: 2)
            ).run(monitor)
            precondition(counts.count == 12 && Set(counts).count == 1, "buffers made: \(counts)")
        }
    }
}
