package import Datasets
package import Foundation
internal import Interchange
package import Kernels
package import Networks
package import Training

/// How a network is projected.
package struct ProjectionOptions: Hashable, Sendable {
    /// How ranks are chosen for a goal on size.
    package enum Selection: Hashable, Sendable {
        /// By a level of explained variance that is common to the layers.
        case variance
        /// From there on by the loss on validation data.
        ///
        /// - Parameters:
        ///   - epochs: How long each network is trained before it is measured, with the options of `retrain`.
        ///   - networks: How many are measured at the most.
        case loss(epochs: Int, networks: Int)
    }

    package var goal = ProjectionGoal.explainedVariance(0.95)
    package var selection = Selection.variance
    /// The training after the projection.
    package var retrain: TrainingOptions?
    /// Whether the result has plain layers only: `UnpackProjectedLayers`.
    package var unpacksLayers = false

    package init() {}
}

/// A projected network and how it came about.
package struct ProjectionResult: Sendable {
    package var network: Network
    package var plan: ProjectionPlan
    /// The search for ranks, if there was one.
    package var search: RankSearchSummary?
    /// The part of the learnables that is gone.
    package var reduction: Double
    /// The epochs of the training after the projection.
    package var retraining: [EpochRecord]
}

/// What a search for ranks came to: losses on the validation data.
package struct RankSearchSummary: Hashable, Sendable, Codable {
    /// How many networks were measured.
    package let networks: Int
    /// With the ranks by explained variance.
    package let lossByVariance: Double
    package let loss: Double
}

/// Projects the layers of a network onto the principal components of their activations, and trains the result.
///
/// The result is a function of network, components, data, options, seed and stream: the same bytes at any number of
/// threads, stopped and resumed or not.
package final class Projector {
    private let original: Network
    private let analysis: ProjectionAnalysis
    private let data: Dataset
    private let validation: Dataset?
    private let teacher: Network?
    private let options: ProjectionOptions
    private let seed: UInt64
    private let stream: String
    private let pool: WorkerPool
    private var state = State()
    /// The projected network before its training, once it is there.
    private var projected: Network?
    private var resumed: TrainingCheckpoint?
    /// That of the network that a search was measuring.
    private var resumedTrial: TrainingCheckpoint?

    /// What a checkpoint holds beside the network.
    private struct State: Codable {
        var trials: [RankSearch.Trial] = []
        var search: RankSearchSummary?
        var plan: ProjectionPlan?
    }

    /// Prepares a projection.
    ///
    /// - Parameters:
    ///   - network: With all its parameters.
    ///   - analysis: The components of the layers that are projected, and no others.
    ///   - data: What the projected network is trained on.
    ///   - validation: For the selection by loss, and for a training whose options validate.
    ///   - teacher: Whose outputs the training learns.
    ///   - seed: The seed of every random choice.
    ///   - stream: What the names of its random streams begin with.
    ///   - checkpoint: What an earlier run of the same projection saved.
    /// - Throws: ``CompressionError`` if the network is projected already, options are out of range or need data that
    ///   are not there, or the checkpoint is none of a projection.
    package init(
        _ network: Network, analysis: ProjectionAnalysis, data: Dataset, validation: Dataset? = nil,
        teacher: Network? = nil,
        options: ProjectionOptions, seed: UInt64, stream: String, pool: WorkerPool, from checkpoint: Data? = nil
    ) throws {
        try network.requireUnpacked()
        try options.check(hasValidation: (validation?.count ?? 0) > 0)
        original = network
        self.analysis = analysis
        self.data = data
        self.validation = validation
        self.teacher = teacher
        self.options = options
        self.seed = seed
        self.stream = stream
        self.pool = pool
        if let checkpoint { try restore(checkpoint) }
    }

    /// Runs to the end.
    ///
    /// - Throws: ``CompressionError``, what a training throws, and what the monitor throws.
    package func run(_ monitor: CompressionMonitor = .none) throws -> ProjectionResult {
        let plan = try state.plan ?? choose(monitor)
        state.plan = plan
        let network = try projected ?? original.projected(by: plan, analysis: analysis)
        projected = network
        var result = ProjectionResult(
            network: network, plan: plan, search: state.search,
            reduction: 1 - Double(network.counts.learnables) / Double(max(1, original.counts.learnables)),
            retraining: [])
        if let retrain = options.retrain, !plan.isEmpty {
            let trainer = try Trainer(
                network, data: data, validation: validation, teacher: teacher, options: retrain, seed: seed,
                stream: "\(stream)/retrain", pool: pool, from: resumed)
            let searched = state.search == nil ? 0 : Self.searchShare
            let watched = monitor.training(
                phase: "retrain", fraction: { searched + (1 - searched) * $0 },
                checkpoint: { [self] in try checkpoint(network, training: $0) })
            let trained = try trainer.run(watched)
            result.network = trained.network
            result.retraining = trained.history
        }
        if options.unpacksLayers { result.network = result.network.unpacked }
        return result
    }
}

// MARK: - Ranks

extension Projector {
    /// An estimate of the share of the whole that a search takes.
    private static let searchShare = 0.8

    private func choose(_ monitor: CompressionMonitor) throws -> ProjectionPlan {
        let plan = try ProjectionPlan(original, analysis: analysis, goal: options.goal)
        guard case .loss(let epochs, let limit) = options.selection, let validation, plan.outcome == .met else {
            return plan
        }
        var search = RankSearch(
            original, analysis: analysis, goal: options.goal, limit: limit, trials: state.trials)
        let best = try search.best(from: plan.layers.map(\.ranks)) { [self] ranks in
            let done = Double(state.trials.count)
            let watched = monitor.training(
                phase: Self.phase(state.trials.count + 1, of: limit),
                fraction: { Self.searchShare * (done + $0) / Double(limit) },
                checkpoint: { [self] in try checkpoint(nil, trial: $0) })
            return try loss(of: self.plan(of: ranks), epochs: epochs, on: validation, watched)
        } measured: { [self] search in
            state.trials = search.trials
            monitor.report(
                CompressionProgress(
                    fraction: Self.searchShare * Double(search.trials.count) / Double(limit),
                    what: Self.phase(search.trials.count, of: limit), loss: search.trials.last?.loss))
            if monitor.isCheckpointDue(false) { try monitor.save(checkpoint(nil)) }
            try monitor.checkCancellation()
        }
        state.search = RankSearchSummary(
            networks: search.trials.count, lossByVariance: search.trials[0].loss, loss: best.loss)
        return self.plan(of: best.ranks)
    }

    private static func phase(_ network: Int, of limit: Int) -> String {
        "ranks, network \(network) of \(limit) at the most"
    }

    private func plan(of ranks: RankSearch.Ranks) -> ProjectionPlan {
        let chosen = Dictionary(uniqueKeysWithValues: zip(analysis.layers.map(\.name), ranks))
        return ProjectionPlan(original, analysis: analysis, ranks: { chosen[$0.name] ?? .none }, outcome: .met)
    }

    /// The loss that `retrain` lowers.
    ///
    /// A search that goes on measures first what it was measuring when it was stopped.
    private func loss(
        of plan: ProjectionPlan, epochs: Int, on validation: Dataset, _ monitor: TrainingMonitor
    ) throws -> Double {
        var network = try original.projected(by: plan, analysis: analysis)
        do {
            if epochs > 0, var short = options.retrain {
                short.maxEpochs = epochs
                short.metrics = []
                short.validationFrequency = nil
                short.validationPatience = nil
                short.outputNetwork = .lastIteration
                let trainer = try Trainer(
                    network, data: data, teacher: teacher, options: short, seed: seed, stream: "\(stream)/selection",
                    pool: pool, from: resumedTrial)
                resumedTrial = nil
                network = try trainer.run(monitor).network
            }
            let loss = try LossFunction(options.retrain ?? TrainingOptions(), data: data, network: network)
            return try Evaluation(of: network, on: validation, loss: loss, pool: pool).loss
        } catch let error as TrainingError where error.code == .diverged {
            return .infinity
        }
    }
}

// MARK: - Checkpoints

extension Projector {
    private func checkpoint(
        _ network: Network?, training: TrainingCheckpoint? = nil, trial: TrainingCheckpoint? = nil
    ) throws -> Data {
        var files: [String: Data] = [:]
        files["network"] = network.map { NetworkFile.encode($0) }
        files["training"] = training?.encoded
        files["trial"] = trial?.encoded
        return try CheckpointFile(kind: "project", state: state, files: files).encoded()
    }

    private func restore(_ data: Data) throws {
        let file = try CheckpointFile<State>(kind: "project", decoding: data)
        state = file.state
        resumed = try file.training()
        resumedTrial = try file.training("trial")
        guard resumed != nil else { return }
        guard let bytes = file.files["network"], state.plan != nil else {
            throw CompressionError(.invalidCheckpoint, "the checkpoint of the projection holds no network")
        }
        projected = try NetworkFile.decode(bytes)
    }
}

// MARK: - Options

extension ProjectionOptions {
    /// - Throws: ``CompressionError`` with code `invalidOption`.
    fileprivate func check(hasValidation: Bool) throws(CompressionError) {
        switch goal {
        case .learnablesReduction(let fraction) where !(0...1).contains(fraction):
            throw CompressionError(.invalidOption, "'LearnablesReductionGoal' is \(fraction); expected from 0 to 1")
        case .explainedVariance(let level) where !(0...1).contains(level):
            throw CompressionError(.invalidOption, "'ExplainedVarianceGoal' is \(level); expected from 0 to 1")
        default: break
        }
        guard case .loss(let epochs, _) = selection else { return }
        guard goal.isOnSize else {
            throw CompressionError(
                .invalidOption, "'selection: loss' needs a goal on size: 'goal' or 'LearnablesReductionGoal'")
        }
        guard hasValidation else {
            throw CompressionError(
                .invalidOption, "'selection: loss' measures networks on validation data, and there are none")
        }
        guard epochs == 0 || retrain != nil else {
            throw CompressionError(
                .invalidOption, "'selectionEpochs' is \(epochs), trained as 'retrain' says, which is left out")
        }
    }
}
