package import Datasets
package import Foundation
internal import Interchange
package import Kernels
package import Networks
internal import Tensors
internal import Training

/// Sets weights of a network to zero and trains the others.
///
/// The network keeps its shapes; what is gained is in storage, see ``SparseEncoding``. The result is a function of network,
/// data, options, seed and stream: the same bytes at any number of threads, stopped and resumed or not.
package final class Sparsifier {
    private let original: Network
    private let names: [String]
    private let data: Dataset?
    private let validation: Dataset?
    private let teacher: Network?
    private let options: SparsificationOptions
    private let seed: UInt64
    private let stream: String
    private let pool: WorkerPool
    /// The network with its zeros before its training, once it is there.
    private var sparse: Network?
    private var resumed: TrainingCheckpoint?

    /// How far the selection of weights is; `nil` in the training.
    private var selection: WeightSelection.Progress?

    private struct State: Codable {
        var selection: WeightSelection.Progress?
    }

    /// Prepares a sparsification.
    ///
    /// - Parameters:
    ///   - network: With all its parameters.
    ///   - data: What is trained on; needed if the options retrain.
    ///   - validation: For the training, if its options validate.
    ///   - teacher: What the training learns from beside the targets, if its options say so.
    ///   - seed: The seed of every random choice.
    ///   - stream: What the names of its random streams begin with.
    ///   - checkpoint: What an earlier run of the same sparsification saved.
    /// - Throws: ``CompressionError`` if no layer has weights or is selected, an option is out of range, or the checkpoint
    ///   is none of this.
    package init(
        _ network: Network, data: Dataset?, validation: Dataset? = nil, teacher: Network? = nil,
        options: SparsificationOptions, seed: UInt64, stream: String, pool: WorkerPool, from checkpoint: Data? = nil
    ) throws {
        try options.check()
        original = network
        names = try network.sparsifiableWeights(matching: options.layerNames)
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
    package func run(_ monitor: CompressionMonitor = .none) throws -> SparsificationResult {
        let sparse = try sparse ?? sparsify(monitor)
        var (network, retraining): (Network, [EpochRecord]) = (sparse, [])
        if let retrain = options.retrain, let data {
            let trainer = try Trainer(
                sparse, data: data, validation: validation, teacher: teacher, options: retrain, seed: seed,
                stream: "\(stream)/retrain", pool: pool, mapping: SparsityMask(of: sparse, parameters: names),
                from: resumed)
            let trained = try trainer.run(
                monitor.training(
                    phase: "retrain", fraction: { [share] in share + (1 - share) * $0 },
                    checkpoint: { try Self.checkpoint(sparse, training: $0) }))
            (network, retraining) = (trained.network, trained.history)
        }
        return SparsificationResult(network: network, weights: rows(of: network), retraining: retraining)
    }

    private func sparsify(_ monitor: CompressionMonitor) throws -> Network {
        let choice = WeightSelection(of: original, among: names, options: options)
        return try choice.sparsified(from: selection) { progress, rounds in
            monitor.report(
                CompressionProgress(
                    fraction: share * Double(progress.rounds) / Double(rounds),
                    what: "\(options.criterion.rawValue), round \(progress.rounds) of \(rounds)", loss: nil))
            if monitor.isCheckpointDue(false) {
                try monitor.save(
                    CheckpointFile(kind: "sparsify", state: State(selection: progress), files: [:]).encoded())
            }
            try monitor.checkCancellation()
        }
    }

    /// An estimate of the share of the whole that the selection takes.
    private var share: Double {
        guard options.retrain != nil else { return 1 }
        return options.criterion == .synflow ? 0.2 : 0
    }

    private func rows(of network: Network) -> [SparsificationResult.Weights] {
        network.sparsifiableWeights.flatMap { layer, parameters in
            parameters.filter(names.contains).compactMap { name in
                guard let tensor = network.parameters[name] else { return nil }
                let encoding = SparseEncoding(tensor)
                return SparsificationResult.Weights(
                    layer: layer, parameter: String(name.dropFirst(layer.count + 1)), count: tensor.shape.count,
                    zeros: tensor.floats.count { $0 == 0 }, encoding: encoding.form, bytes: encoding.bytes.count,
                    denseBytes: tensor.byteCount)
            }
        }
    }
}

// MARK: - Checkpoints

extension Sparsifier {
    private static func checkpoint(_ sparse: Network, training: TrainingCheckpoint) throws -> Data {
        let files = ["network": NetworkFile.encode(sparse), "training": training.encoded]
        return try CheckpointFile(kind: "sparsify", state: State(), files: files).encoded()
    }

    private func restore(_ data: Data) throws {
        let file = try CheckpointFile<State>(kind: "sparsify", decoding: data)
        if let progress = file.state.selection {
            selection = progress
            return
        }
        guard let bytes = file.files["network"] else {
            throw CompressionError(.invalidCheckpoint, "the checkpoint of the sparsification holds no network")
        }
        sparse = try NetworkFile.decode(bytes)
        resumed = try file.training()
    }
}
