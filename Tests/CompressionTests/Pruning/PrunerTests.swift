import Compression
import Datasets
import Foundation
import Interchange
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Training

@Suite struct PrunerTests {
    private let network: Network
    private let data = waves(60)

    init() throws { network = try wavesNetwork() }

    private func options(goal: Int? = nil, retrain: Bool = false) -> PruningOptions {
        var options = PruningOptions()
        options.pace = .filters(2)
        options.finetune = training(epochs: 2)
        options.goal = goal.map { SizeGoal(.totalParameters, atMost: $0) }
        options.retrain = retrain ? training(epochs: 2) : nil
        return options
    }

    private func pruner(
        _ options: PruningOptions, validation: Dataset? = nil, threads: Int = 1, from checkpoint: Data? = nil
    ) throws -> Pruner {
        try Pruner(
            network, data: data, validation: validation, options: options, seed: 9, stream: "prune/0",
            pool: WorkerPool(threads: threads), from: checkpoint)
    }

    // MARK: The loop

    @Test func `pruning stops inside an iteration as soon as the goal is met`() throws {
        let start = network.counts.totalParameters
        let result = try pruner(options(goal: start - 100)).run()
        #expect(result.stopReason == .goalMet && result.isMet)
        #expect(result.network.counts.totalParameters <= start - 100)
        #expect(result.history.map(\.iteration) == Array(result.history.indices))
        #expect(result.history.last?.totalParameters == result.network.counts.totalParameters)
        for (before, row) in zip(result.history, result.history.dropFirst()) {
            #expect((1...2).contains(row.removed.count))
            #expect(before.totalParameters > start - 100)
            #expect(row.removed.map(\.score) == row.removed.map(\.score).sorted())
            #expect(
                row.filters.map(\.filters).reduce(0, +) == before.filters.map(\.filters).reduce(0, +)
                    - row.removed.count)
            #expect(row.loss != nil && row.isAccepted)
        }
        let removed = result.history.flatMap { $0.removed.flatMap(\.filters) }
        #expect(Set(removed).count == removed.count)
        let left = try #require(result.history.last).filters.map { $0.filters }
        #expect(left == ["conv1d_1", "conv1d_2"].map { result.network.shape(of: $0)?[0] })
    }

    @Test func `without a goal everything that can go goes`() throws {
        let result = try pruner(options()).run()
        #expect(result.stopReason == .nothingLeft && result.isMet)
        // 6 and 5 filters keep one each.
        #expect(result.network.shape(of: "conv1d_1")?[0] == 1)
        #expect(result.network.shape(of: "conv1d_2")?[0] == 1)
        let floor = try PrunableNetwork(network, scope: PruningScope()).fullyPruned.network.counts.totalParameters
        #expect(result.network.counts.totalParameters == floor)
        let beyond = try pruner(options(goal: floor - 1)).run()
        #expect(beyond.stopReason == .nothingLeft && !beyond.isMet)
    }

    @Test func `a goal that is met before changes nothing and trains nothing`() throws {
        var options = options(goal: network.counts.totalParameters, retrain: true)
        // There is not even anything that could be pruned.
        options.scope.layerNames = ["nothing"]
        let result = try pruner(options).run()
        #expect(result.network == network)
        #expect(result.stopReason == .goalMetBefore && result.isMet)
        #expect(result.retraining.isEmpty && result.history.isEmpty)
    }

    @Test func `an increment of learnables is the least that an iteration removes`() throws {
        var options = options(goal: 300)
        options.pace = .learnables(0.1)
        let result = try pruner(options).run()
        let learnables = result.history.map(\.learnables)
        let step = Int((0.1 * Double(network.counts.learnables)).rounded(.up))
        for (before, after) in zip(learnables, learnables.dropFirst().dropLast()) { #expect(before - after >= step) }
        #expect(learnables.count > 2)
    }

    @Test func `the network is trained once more at the end`() throws {
        let goal = network.counts.totalParameters - 60
        let without = try pruner(options(goal: goal)).run()
        let with = try pruner(options(goal: goal, retrain: true)).run()
        #expect(with.retraining.count == 2)
        #expect(with.history == without.history)
        #expect(with.network != without.network)
        #expect(with.network.counts == without.network.counts)
    }

    // MARK: Thresholds

    @Test func `the last network that met the threshold is returned`() throws {
        var options = options()
        options.finetune.objectiveMetric = .loss
        options.finetune.initialLearnRate = 1e-6
        let validation = waves(40, seed: 2)
        let free = try measured(options, validation: validation, threshold: 1e9)
        let losses = free.history.compactMap(\.validationLoss)
        #expect(losses.count == free.history.count)
        // Between the loss at the start and the worst one.
        let threshold = ((losses.first ?? 0) + (losses.max() ?? 0)) / 2
        let broken = try #require(losses.firstIndex { $0 > threshold })
        let result = try measured(options, validation: validation, threshold: threshold)
        #expect(result.stopReason == .thresholdBroken)
        #expect(result.history == Array(free.history[..<broken]) + [undone(free.history[broken])])
        #expect(result.network.counts.totalParameters == free.history[broken - 1].totalParameters)
        #expect(
            try Evaluation(of: result.network, on: validation, pool: WorkerPool(threads: 1)).loss == losses[broken - 1])
    }

    private func measured(_ options: PruningOptions, validation: Dataset, threshold: Double) throws -> PruningResult {
        var options = options
        options.validationThreshold = threshold
        return try pruner(options, validation: validation).run()
    }

    private func undone(_ row: PruningIteration) -> PruningIteration {
        var row = row
        row.isAccepted = false
        return row
    }

    @Test func `a network below the threshold from the start is left alone`() throws {
        var options = options(retrain: true)
        options.finetune.objectiveMetric = .accuracy
        options.validationThreshold = 1.01
        let result = try pruner(options, validation: data).run()
        #expect(result.stopReason == .thresholdBrokenBefore)
        #expect(result.network == network)
        #expect(result.history.count == 1 && result.retraining.isEmpty && !result.isMet)
    }

    /// What is compared with the threshold is what the fine-tuning's `OutputNetwork` selects.
    @Test(arguments: [TrainingOptions.OutputNetwork.lastIteration, .bestValidation])
    func `the network that the fine-tuning selects is the one that is compared and returned`(
        output: TrainingOptions.OutputNetwork
    ) throws {
        var options = options(goal: network.counts.totalParameters - 100)
        options.finetune.objectiveMetric = .loss
        options.finetune.outputNetwork = output
        options.finetune.validationFrequency = 1
        options.finetune.initialLearnRate = 0.1
        options.validationThreshold = 1e9
        let validation = waves(40, seed: 2)
        let result = try pruner(options, validation: validation).run()
        #expect(result.stopReason == .goalMet)
        var wasEarlier = false
        for row in result.history.dropFirst() {
            let rows = result.validations.filter { $0.iteration == row.iteration }
            // Two epochs of two steps, and the network before them.
            #expect(rows.map(\.step) == [0, 1, 2, 3, 4])
            let selected = rows.filter(\.isSelected)
            #expect(selected.count == 1 && selected[0].loss == row.objective && row.objective == row.validationLoss)
            let best = try #require(rows.dropFirst().min { $0.loss < $1.loss })
            #expect(selected[0].step == (output == .bestValidation ? best.step : 4))
            wasEarlier = wasEarlier || best.step < 4
        }
        #expect(wasEarlier, "no best validation before the last one: this test shows nothing")
        #expect(result.validations.map(\.iteration).max() == result.history.count - 1)
        let loss = try Evaluation(of: result.network, on: validation, pool: WorkerPool(threads: 1)).loss
        #expect(abs(loss - (result.history.last?.objective ?? .nan)) < 1e-6)
        #expect(result.objective == result.history.last?.objective)
    }

    @Test func `without validations in the fine-tuning its start and its end are measured`() throws {
        var options = options(goal: network.counts.totalParameters - 60)
        options.validationThreshold = 0
        options.finetune.objectiveMetric = .f1
        let result = try pruner(options, validation: waves(40, seed: 2)).run()
        for row in result.history.dropFirst() {
            let rows = result.validations.filter { $0.iteration == row.iteration }
            #expect(rows.map(\.step) == [0, 4] && rows.map(\.isSelected) == [false, true])
            // Whatever the metric, its value is there.
            #expect(row.objective != nil && rows[1].metrics["f1"] == row.objective)
        }
        options.finetune.maxEpochs = 0
        let untrained = try pruner(options, validation: waves(40, seed: 2)).run()
        #expect(untrained.validations.map(\.step).allSatisfy { $0 == 0 })
        #expect(untrained.validations.allSatisfy { $0.isSelected })
        #expect(untrained.validations.count == untrained.history.count - 1)
    }

    @Test func `layers that lost filters or inputs are named`() throws {
        var options = options()
        options.scope.layerNames = ["conv1d_2"]
        let result = try pruner(options).run()
        #expect(result.prunedLayers == ["conv1d_2", "bn_2", "fc_1"])
    }

    // MARK: Options

    @Test func `options out of range are errors`() throws {
        var (pace, increment, threshold) = (options(), options(), options())
        pace.pace = .filters(0)
        increment.pace = .learnables(1.5)
        threshold.validationThreshold = 0.9
        let faults: [(PruningOptions, String)] = [
            (pace, "'MaxToPrune' is 0; expected 1 or more"),
            (increment, "'LearnablesIncrement' is 1.5; expected above 0 and up to 1"),
            (
                threshold,
                "'ValidationThreshold' needs validation data, and the data set has none; "
                    + "give it a split 'validation' in its dataset.yaml"
            ),
        ]
        for (options, message) in faults {
            #expect(throws: CompressionError(.invalidOption, message)) { try pruner(options) }
        }
    }

    @Test func `every criterion reaches the goal`() throws {
        for criterion in PruningCriterion.allCases {
            var options = options(goal: 300)
            options.criterion = criterion
            options.normalization = .l2
            #expect(try pruner(options).run().isMet, "\(criterion)")
        }
    }

    // MARK: Stopping and going on

    @Test func `stopped at any point and resumed, the result has the same bytes`() throws {
        var options = options(goal: network.counts.totalParameters - 100, retrain: true)
        options.validationThreshold = 1e9
        let whole = try pruner(options, validation: data, threads: 2).run()
        var stops = 0
        var isDone = false
        while !isDone {
            stops += 1
            let stopping = StoppingMonitor(afterSaves: stops)
            do {
                _ = try pruner(options, validation: data).run(stopping.monitor)
                isDone = true
            } catch is StoppingMonitor.Stop {
                let resumed = try pruner(options, validation: data, from: stopping.saved).run()
                #expect(NetworkFile.encode(resumed.network) == NetworkFile.encode(whole.network), "stop \(stops)")
                #expect(resumed.history == whole.history, "stop \(stops)")
                #expect(resumed.retraining == whole.retraining, "stop \(stops)")
                #expect(resumed.stopReason == whole.stopReason)
            }
        }
        #expect(stops > 12)
    }

    @Test func `progress rises to one`() throws {
        var fractions: [Double] = []
        let monitor = CompressionMonitor(
            report: { fractions.append($0.fraction) }, isCheckpointDue: { _ in false }, save: { _ in },
            checkCancellation: {})
        _ = try pruner(options(goal: 300, retrain: true)).run(monitor)
        #expect(fractions.allSatisfy { (0...1).contains($0) })
        #expect(fractions.last == 1)
    }

    @Test func `a checkpoint of something else is refused`() {
        let message = "the checkpoint is damaged or not one of a 'prune' stage"
        #expect(throws: CompressionError(.invalidCheckpoint, message)) {
            try pruner(options(), from: Data("nothing".utf8))
        }
    }
}
