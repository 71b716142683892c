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

@Suite struct ProjectorTests {
    private let network: Network
    private let data = waves(150)
    private let validation = waves(40, seed: 77)

    init() throws { network = try wavesNetwork() }

    private func options(_ goal: ProjectionGoal, retrain: Bool = false) -> ProjectionOptions {
        var options = ProjectionOptions()
        options.goal = goal
        options.retrain = retrain ? training(epochs: 2) : nil
        return options
    }

    private func projector(
        _ options: ProjectionOptions, layers: [String]? = nil, threads: Int = 1, from checkpoint: Data? = nil
    ) throws -> Projector {
        try Projector(
            network, analysis: ProjectionAnalysis(of: network, layers: layers, data: data), data: data,
            validation: validation, options: options, seed: 9, stream: "project/0",
            pool: WorkerPool(threads: threads), from: checkpoint)
    }

    // MARK: Analysis

    /// More examples than one batch, and a last batch of another size.
    @Test func `components are those of the activations at every step`() throws {
        let analysis = try ProjectionAnalysis(
            of: network, layers: ["conv1d_2", "fc_1"], data: data, threads: 2)
        for (components, node) in [
            (analysis.layers[0].input, "relu_1"), (analysis.layers[0].output, "conv1d_2"),
            (analysis.layers[1].input, "pool"), (analysis.layers[1].output, "fc_1"),
        ] {
            let components = try #require(components?.blocks.first)
            let shape = try #require(network.shape(of: node))
            var accumulator = CovarianceAccumulator(dimension: shape[0])
            let values = try run(network, on: data.values(in: 0..<data.count), node: node)
            accumulator.add(values, examples: data.count, positions: shape.count / shape[0])
            let expected = try accumulator.principalComponents()
            for (left, right) in zip(components.variances, expected.variances) {
                #expect(abs(left - right) <= 1e-9 * expected.variances[0])
            }
            for (left, right) in zip(components.mean, expected.mean) { #expect(abs(left - right) < 1e-9) }
        }
    }

    @Test func `one example is too few for a dense layer, which is named`() throws {
        let few = "principal components need two activation vectors, and there are 1; give more training examples"
        #expect(throws: CompressionError(.invalidData, layer: "pool", few)) {
            try ProjectionAnalysis(
                of: network, layers: ["conv1d_2", "fc_1"], data: data.rows([0]))
        }
    }

    // MARK: Goals

    /// At full rank, so that neither projection changes an output.
    @Test func `an unpacked network is projected again, with names of its own`() throws {
        func projected(_ network: Network) throws -> Network {
            let analysis = try ProjectionAnalysis(
                of: network, layers: ["conv1d_2"], data: data)
            let plan = plan("conv1d_2", input: 6, output: 5)
            return try network.projected(by: plan, analysis: analysis)
        }
        let again = try projected(projected(network).unpacked)
        #expect(
            again.nodes.map(\.name).filter { $0.hasPrefix("conv1d_2") } == [
                "conv1d_2_proj_in", "conv1d_2_proj_in_2", "conv1d_2", "conv1d_2_proj_out_2", "conv1d_2_proj_out",
            ])
        let examples = try data.values(in: 0..<data.count)
        #expect(try largestDifference(run(network, on: examples), run(again, on: examples)) < 1e-4)
    }

    @Test func `a projected network is smaller and still right`() throws {
        let before = try Evaluation(of: network, on: data, pool: WorkerPool(threads: 1))
        let result = try projector(options(.explainedVariance(0.97))).run()
        let after = try Evaluation(of: result.network, on: data, pool: WorkerPool(threads: 1))
        #expect(result.plan.isMet && result.reduction > 0.1, "\(result.reduction)")
        #expect(after.correct >= before.correct - 3, "\(after.correct) of \(before.correct)")
        #expect(
            result.network.counts.learnables
                == Int((Double(network.counts.learnables) * (1 - result.reduction)).rounded()))
    }

    @Test func `goals are met to the number`() throws {
        for goal in stride(from: 200, through: network.counts.totalParameters, by: 37) {
            let result = try projector(options(.totalParameters(goal))).run()
            #expect(result.plan.isMet == (result.network.counts.totalParameters <= goal), "goal \(goal)")
            let minimum = network.minimumTotalParameters(projecting: network.projectableLayers)
            #expect(result.plan.isMet == (goal >= minimum), "goal \(goal), minimum \(minimum)")
        }
    }

    @Test func `a goal that is met before changes and trains nothing`() throws {
        let result = try projector(
            options(.totalParameters(network.counts.totalParameters), retrain: true)
        ).run()
        #expect(result.network == network)
        #expect(result.plan.isMet && result.plan.isEmpty && result.reduction == 0 && result.retraining.isEmpty)
        #expect(result.plan.layers.map(\.name) == network.projectableLayers)
    }

    @Test func `only selected layers are projected`() throws {
        let result = try projector(options(.explainedVariance(0.5)), layers: ["fc_*"]).run()
        #expect(Set(result.network.nodes.compactMap(\.projectedFrom)).isSubset(of: ["fc_1", "fc_2"]))
        #expect(result.plan.layers.map(\.name) == ["fc_1", "fc_2"])
        #expect(!result.plan.isEmpty)
    }

    @Test func `unpacking gives plain layers with equal outputs`() throws {
        var options = options(.explainedVariance(0.9))
        let projected = try projector(options).run()
        options.unpacksLayers = true
        let unpacked = try projector(options).run()
        #expect(unpacked.network.nodes.allSatisfy { $0.projectedFrom == nil })
        #expect(unpacked.network == projected.network.unpacked)
        #expect(unpacked.plan == projected.plan)
    }

    @Test(
        arguments: [
            (ProjectionGoal.learnablesReduction(1.2), "'LearnablesReductionGoal' is 1.2; expected from 0 to 1"),
            (.explainedVariance(-0.1), "'ExplainedVarianceGoal' is -0.1; expected from 0 to 1"),
        ] as [(ProjectionGoal, String)])
    func `goals out of range are errors`(goal: ProjectionGoal, message: String) {
        #expect(throws: CompressionError(.invalidOption, message)) { try projector(options(goal)) }
    }

    // MARK: Ranks by loss

    private func byLoss(
        _ goal: ProjectionGoal, epochs: Int = 0, networks: Int = 60, retrain: Bool = true
    ) -> ProjectionOptions {
        var options = options(goal, retrain: retrain)
        options.selection = .loss(epochs: epochs, networks: networks)
        return options
    }

    @Test(arguments: [0, 1])
    func `ranks by loss meet the goal with a loss that is no higher`(epochs: Int) throws {
        let goal = ProjectionGoal.totalParameters(320)
        let byVariance = try projector(options(goal)).run()
        let result = try projector(byLoss(goal, epochs: epochs)).run()
        let search = try #require(result.search)
        #expect(result.network.counts.totalParameters <= 320 && result.plan.isMet)
        #expect(search.networks > 10 && search.networks <= 60)
        #expect(search.loss < search.lossByVariance && result.plan != byVariance.plan)
        guard epochs == 0 else { return }
        // The loss is that of the network before its training, on the validation data.
        let own = try projector(byLoss(goal, retrain: false)).run()
        let loss = try Evaluation(of: own.network, on: validation, pool: WorkerPool(threads: 1)).loss
        #expect(abs(loss - search.loss) < 1e-9)
    }

    private struct Cancelled: Error {}

    @Test func `a training that measures ranks reports and can be stopped`() throws {
        var reports: [CompressionProgress] = []
        let monitor = CompressionMonitor(
            report: { reports.append($0) }, isCheckpointDue: { _ in false }, save: { _ in },
            checkCancellation: { if reports.count >= 2 { throw Cancelled() } })
        let options = byLoss(.totalParameters(320), epochs: 1_000_000)
        #expect(throws: Cancelled.self) { try projector(options).run(monitor) }
        #expect(reports.allSatisfy { $0.what.hasPrefix("ranks, network 1 of 60 at the most, epoch 1 of 1000000") })
        #expect(reports.count == 2)
    }

    @Test func `ranks by loss are measured with the loss of the training`() throws {
        var options = byLoss(.totalParameters(320), networks: 1)
        let plain = try #require(try projector(options).run().search?.loss)
        options.retrain?.labelSmoothing = 0.5
        let smoothed = try #require(try projector(options).run().search?.loss)
        #expect(smoothed > plain, "\(smoothed), \(plain)")
    }

    @Test func `ranks that make a layer larger are refused with both counts`() throws {
        let node = try #require(network.node("fc_1"))
        let own = network.counts(of: node).learnables
        let (input, output) = (
            try #require(network.inputShapes(of: node).first?[0]), try #require(network.shape(of: "fc_1")?[0])
        )
        let larger = own + output * output
        let message = "grows from \(own) to \(larger) learnables by its ranks in 'ranks'; give lower ones"
        #expect(throws: CompressionError(.invalidOption, layer: "fc_1", message)) {
            try network.refuseGrowth(by: ["fc_1": ProjectionRanks(output: output)])
        }
        #expect(own > input + output)
        try network.refuseGrowth(by: ["fc_1": ProjectionRanks(output: 1), "conv1d_2": .none])
    }

    @Test func `no network beyond the limit is measured`() throws {
        for limit in [1, 2, 9] {
            let result = try projector(byLoss(.totalParameters(320), networks: limit)).run()
            #expect(result.search?.networks == limit && result.plan.isMet)
            #expect(result.network.counts.totalParameters <= 320)
        }
    }

    @Test func `where the goal leaves no choice nothing is searched`() throws {
        let minimum = network.minimumTotalParameters(projecting: network.projectableLayers)
        let result = try projector(byLoss(.totalParameters(minimum - 1))).run()
        #expect(result.search == nil && result.plan.outcome == .largest)
    }

    @Test func `ranks by loss need a goal on size, validation data, and options to train by`() {
        func message(_ options: ProjectionOptions, validation: Dataset?) -> String? {
            let analysis = ProjectionAnalysis(layers: [])
            let error = #expect(throws: CompressionError.self) {
                try Projector(
                    network, analysis: analysis, data: data, validation: validation, options: options, seed: 1,
                    stream: "project/0", pool: WorkerPool(threads: 1))
            }
            return error?.message
        }
        #expect(
            message(byLoss(.explainedVariance(0.9)), validation: validation)
                == "'selection: loss' needs a goal on size: 'goal' or 'LearnablesReductionGoal'")
        #expect(
            message(byLoss(.totalParameters(300)), validation: nil)
                == "'selection: loss' measures networks on validation data, and there are none")
        #expect(
            message(byLoss(.totalParameters(300), epochs: 3, retrain: false), validation: validation)
                == "'selectionEpochs' is 3, trained as 'retrain' says, which is left out")
    }

    // MARK: Stopping and going on

    @Test func `a search that goes on does not train anew what it was training`() throws {
        let options = byLoss(.totalParameters(300), epochs: 2, networks: 2)
        // The data are some steps an epoch, and each leaves a checkpoint: stopped in the first epoch of the first network.
        let stopping = StoppingMonitor(afterSaves: 2)
        #expect(throws: StoppingMonitor.Stop.self) { try projector(options).run(stopping.monitor) }
        func reports(from checkpoint: Data?) throws -> [CompressionProgress] {
            var reports: [CompressionProgress] = []
            let monitor = CompressionMonitor(
                report: { reports.append($0) }, isCheckpointDue: { _ in false }, save: { _ in },
                checkCancellation: {})
            _ = try projector(options, from: checkpoint).run(monitor)
            return reports
        }
        let (whole, resumed) = (try reports(from: nil), try reports(from: stopping.saved))
        #expect(resumed == Array(whole.dropFirst(2)))
        #expect(resumed.first?.what == "ranks, network 1 of 2 at the most, epoch 1 of 2")
    }

    @Test(arguments: [false, true])
    func `stopped at any point and resumed, the result has the same bytes`(isByLoss: Bool) throws {
        let goal = ProjectionGoal.totalParameters(300)
        let options = isByLoss ? byLoss(goal, epochs: 1, networks: 4) : options(goal, retrain: true)
        let whole = try projector(options, threads: 2).run()
        #expect(whole.retraining.count == 2)
        for stop in 1...8 {
            let stopping = StoppingMonitor(afterSaves: stop)
            #expect(throws: StoppingMonitor.Stop.self) { try projector(options).run(stopping.monitor) }
            let resumed = try projector(options, from: stopping.saved).run()
            #expect(NetworkFile.encode(resumed.network) == NetworkFile.encode(whole.network), "stop \(stop)")
            #expect(
                resumed.retraining == whole.retraining && resumed.plan == whole.plan && resumed.search == whole.search,
                "stop \(stop)")
        }
    }
}
