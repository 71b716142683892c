package import Datasets
package import Foundation
internal import Interchange
package import Kernels
package import Networks
package import Training

/// How a network is projected.
package struct ProjectionOptions: Hashable, Sendable {
    /// Patterns for layer names; `nil` for every layer that can be projected.
    package var layerNames: [String]?
    package var goal = ProjectionGoal.explainedVariance(0.95)
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
    /// The part of the learnables that is gone.
    package var reduction: Double
    /// The epochs of the training after the projection.
    package var retraining: [EpochRecord]
}

/// Projects the layers of a network onto the principal components of their activations, and trains the result.
///
/// The result is a function of network, data, options, seed and stream: the same bytes at any number of threads, stopped
/// and resumed or not.
package final class Projector {
    private let original: Network
    private let layers: [String]
    private let data: Dataset
    private let validation: Dataset?
    private let teacher: Network?
    private let options: ProjectionOptions
    private let seed: UInt64
    private let stream: String
    private let pool: WorkerPool
    /// The projected network before its training, once it is there.
    private var projected: (network: Network, plan: ProjectionPlan)?
    private var resumed: TrainingCheckpoint?

    /// Prepares a projection.
    ///
    /// - Parameters:
    ///   - network: With all its parameters.
    ///   - data: What activations are analyzed and the projected network is trained on.
    ///   - validation: For the training, if its options validate.
    ///   - teacher: Whose outputs the training learns.
    ///   - seed: The seed of every random choice.
    ///   - stream: What the names of its random streams begin with.
    ///   - checkpoint: What an earlier run of the same projection saved.
    /// - Throws: ``CompressionError`` if the network is projected already, no layer can be projected, the goal is out of
    ///   range, or the checkpoint is none of a projection.
    package init(
        _ network: Network, data: Dataset, validation: Dataset? = nil, teacher: Network? = nil,
        options: ProjectionOptions, seed: UInt64, stream: String, pool: WorkerPool, from checkpoint: Data? = nil
    ) throws {
        try options.goal.check()
        original = network
        layers = try network.projectableLayers(matching: options.layerNames)
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
        let (network, plan) = try projected ?? project(monitor)
        projected = (network, plan)
        var result = ProjectionResult(
            network: network, plan: plan,
            reduction: 1 - Double(network.counts.learnables) / Double(max(1, original.counts.learnables)),
            retraining: [])
        if let retrain = options.retrain, !plan.isEmpty {
            let trainer = try Trainer(
                network, data: data, validation: validation, teacher: teacher, options: retrain, seed: seed,
                stream: "\(stream)/retrain", pool: pool, from: resumed)
            let watched = monitor.training(
                phase: "retrain", fraction: { $0 }, checkpoint: { try Self.checkpoint(network, plan, training: $0) })
            let trained = try trainer.run(watched)
            result.network = trained.network
            result.retraining = trained.history
        }
        if options.unpacksLayers { result.network = result.network.unpacked }
        return result
    }

    private func project(_ monitor: CompressionMonitor) throws -> (Network, ProjectionPlan) {
        let analysis =
            if original.isSmallEnough(for: options.goal) {
                // Nothing will be projected: no need to look at the data.
                ProjectionAnalysis(layers: layers.map { ProjectionAnalysis.Layer(name: $0, input: nil, output: nil) })
            } else {
                try ProjectionAnalysis(
                    of: original, layers: layers, data: data, pool: pool, checkCancellation: monitor.checkCancellation)
            }
        let plan = ProjectionPlan(original, analysis: analysis, goal: options.goal)
        return (try original.projected(by: plan, analysis: analysis), plan)
    }
}

// MARK: - Checkpoints

extension Projector {
    private static func checkpoint(
        _ network: Network, _ plan: ProjectionPlan, training: TrainingCheckpoint
    ) throws -> Data {
        let files = ["network": NetworkFile.encode(network), "training": training.encoded]
        return try CheckpointFile(kind: "project", state: plan, files: files).encoded()
    }

    private func restore(_ data: Data) throws {
        let file = try CheckpointFile<ProjectionPlan>(kind: "project", decoding: data)
        guard let bytes = file.files["network"] else {
            throw CompressionError(.invalidCheckpoint, "the checkpoint of the projection holds no network")
        }
        projected = (try NetworkFile.decode(bytes), file.state)
        resumed = try file.training()
    }
}

extension Network {
    /// Whether a goal on size is met as it is.
    fileprivate func isSmallEnough(for goal: ProjectionGoal) -> Bool {
        if case .explainedVariance = goal { return false }
        return goal.isMet(by: counts, of: counts)
    }
}

extension ProjectionGoal {
    /// - Throws: ``CompressionError`` with code `invalidOption`.
    fileprivate func check() throws(CompressionError) {
        switch self {
        case .learnablesReduction(let fraction) where !(0...1).contains(fraction):
            throw CompressionError(.invalidOption, "'LearnablesReductionGoal' is \(fraction); expected from 0 to 1")
        case .explainedVariance(let level) where !(0...1).contains(level):
            throw CompressionError(.invalidOption, "'ExplainedVarianceGoal' is \(level); expected from 0 to 1")
        default: break
        }
    }
}
