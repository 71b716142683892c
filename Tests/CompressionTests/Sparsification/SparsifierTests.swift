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

@Suite struct SparsifierTests {
    private let network: Network
    private let data = waves(60)

    init() throws { network = try wavesNetwork() }

    private func options(
        _ criterion: SparsificationOptions.Criterion = .magnitude, _ sparsity: Double, retrain: Bool = false
    ) -> SparsificationOptions {
        var options = SparsificationOptions()
        options.criterion = criterion
        options.sparsity = sparsity
        options.retrain = retrain ? training(epochs: 3) : nil
        return options
    }

    private func sparsify(
        _ options: SparsificationOptions, threads: Int = 1, from checkpoint: Data? = nil,
        _ monitor: CompressionMonitor = .none
    ) throws -> SparsificationResult {
        try Sparsifier(
            network, data: data, options: options, seed: 4, stream: "sparsify/0", pool: WorkerPool(threads: threads),
            from: checkpoint
        ).run(monitor)
    }

    private var weights: [String] { network.sparsifiableWeights.flatMap(\.parameters) }
    private func elements(_ network: Network) -> [Float] { weights.flatMap { network.parameters[$0]?.floats ?? [] } }

    @Test(arguments: SparsificationOptions.Criterion.allCases, [0, 0.3, 0.5, 0.9, 1])
    func `as many weights are zero as asked for`(criterion: SparsificationOptions.Criterion, sparsity: Double) throws {
        let result = try sparsify(options(criterion, sparsity))
        let count = elements(network).count
        #expect(result.count == count && result.zeros == Int((sparsity * Double(count) - 1e-9).rounded(.up)))
        #expect(elements(result.network).count { $0 == 0 } == result.zeros)
        // Nothing else has changed.
        for (name, tensor) in network.parameters where !weights.contains(name) {
            #expect(result.network.parameters[name] == tensor, "\(name)")
        }
        for (before, after) in zip(elements(network), elements(result.network)) {
            #expect(after == before || after == 0)
        }
    }

    @Test func `by magnitude the smallest go, over all layers`() throws {
        let result = try sparsify(options(.magnitude, 0.6))
        let (before, after) = (elements(network), elements(result.network))
        let gone = zip(before, after).filter { $1 == 0 }.map { abs($0.0) }
        let kept = after.filter { $0 != 0 }.map(abs)
        #expect(try #require(gone.max()) <= (try #require(kept.min())))
    }

    // Pruning at once cuts networks in two where repeated scores do not (Tanaka et al. 2020).
    @Test func `synflow keeps every layer where a single round cuts one off`() throws {
        var once = options(.synflow, 0.97)
        once.iterations = 1
        func collapsed(_ options: SparsificationOptions) throws -> Int {
            try sparsify(options).weights.count { $0.zeros == $0.count }
        }
        #expect(try collapsed(options(.synflow, 0.97)) == 0)
        #expect(try collapsed(once) > 0)
    }

    @Test func `layers that are not selected keep their weights`() throws {
        var options = options(.magnitude, 0.5)
        options.layerNames = ["conv1d_*"]
        let result = try sparsify(options)
        #expect(result.weights.map(\.layer) == ["conv1d_1", "conv1d_2"])
        #expect(result.network.parameters["fc_1.weights"] == network.parameters["fc_1.weights"])
        options.layerNames = ["bn_*"]
        let message = "'bn_*' matches no layer that has weights; there are: conv1d_1, conv1d_2, fc_1, fc_2"
        #expect(throws: CompressionError(.unmatchedPattern, message)) { try sparsify(options) }
    }

    @Test(arguments: SparsificationOptions.Criterion.allCases)
    func `zeros stay zero in training, and all else is trained`(criterion: SparsificationOptions.Criterion) throws {
        let before = try sparsify(options(criterion, 0.7))
        let after = try sparsify(options(criterion, 0.7, retrain: true))
        #expect(after.retraining.count == 3)
        for (left, right) in zip(elements(before.network), elements(after.network)) {
            #expect((left == 0) == (right == 0))
        }
        #expect(after.network.parameters["bn_1.offset"] != network.parameters["bn_1.offset"])
        #expect(after.network != before.network)
    }

    @Test func `zeros are zeros in int8`() throws {
        let sparse = try sparsify(options(.magnitude, 0.7, retrain: true)).network
        let int8 = try Quantizer.quantize(
            sparse, calibration: data, options: QuantizationOptions(), pool: WorkerPool(threads: 1)
        ).network
        for name in weights {
            let (float, integers) = (try #require(sparse.parameters[name]), try #require(int8.tensors[name]))
            for (left, right) in zip(float.floats, integers.int8s) where left == 0 { #expect(right == 0, "\(name)") }
        }
    }

    @Test func `bytes are those of the encodings, and of all else as float32`() throws {
        let result = try sparsify(options(.magnitude, 0.8))
        let encoded = weights.compactMap { result.network.parameters[$0] }.map { SparseEncoding($0).bytes.count }
        let dense = elements(network).count * 4
        #expect(result.sparseBytes == network.counts.float32Bytes - dense + encoded.reduce(0, +))
        #expect(result.sparseBytes < network.counts.float32Bytes)
    }

    @Test func `stopped at any point and resumed, the result has the same bytes`() throws {
        let options = options(.synflow, 0.6, retrain: true)
        let whole = try sparsify(options, threads: 2)
        var (stops, isDone) = (0, false)
        while !isDone {
            stops += 1
            let stopping = StoppingMonitor(afterSaves: stops)
            do {
                _ = try sparsify(options, from: nil, stopping.monitor)
                isDone = true
            } catch is StoppingMonitor.Stop {
                let resumed = try sparsify(options, from: stopping.saved)
                #expect(NetworkFile.encode(resumed.network) == NetworkFile.encode(whole.network), "stop \(stops)")
                #expect(resumed.retraining == whole.retraining && resumed.weights == whole.weights)
            }
        }
        // After each round, after each epoch, and between steps.
        #expect(stops > options.iterations + 3)
    }

    @Test(arguments: [false, true]) func `rounds are reported, with and without a training`(retrain: Bool) throws {
        var reports: [CompressionProgress] = []
        let monitor = CompressionMonitor(
            report: { reports.append($0) }, isCheckpointDue: { _ in false }, save: { _ in }, checkCancellation: {})
        var options = options(.synflow, 0.6, retrain: retrain)
        options.iterations = 4
        _ = try sparsify(options, monitor)
        #expect(reports.prefix(4).map(\.what) == (1...4).map { "synflow, round \($0) of 4" })
        #expect(zip(reports, reports.dropFirst()).allSatisfy { $0.fraction <= $1.fraction })
        #expect(reports.last?.fraction == 1)
    }

    @Test func `a checkpoint of other weights is refused`() throws {
        var saved: Data?
        let monitor = CompressionMonitor(
            report: { _ in }, isCheckpointDue: { _ in true }, save: { saved = saved ?? $0 }, checkCancellation: {})
        var options = options(.synflow, 0.6)
        _ = try sparsify(options, monitor)
        options.layerNames = ["fc_1"]
        let message = "the checkpoint is of a network with other weights"
        let checkpoint = try #require(saved)
        #expect(throws: CompressionError(.invalidCheckpoint, message)) { try sparsify(options, from: checkpoint) }
    }

    @Test func `synflow has no path through the projectors of recurrent layers, magnitude needs none`() throws {
        let projected = try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 3, steps: 4), inputs: []),
                Network.Node(
                    "lstm", LSTM(units: 4, outputMode: .last, projectors: RecurrentProjectors(input: 2)),
                    inputs: ["input"]),
                Network.Node("fc", Dense(outputs: 2), inputs: ["lstm"]),
            ]), seed: 1)
        func sparsified(_ criterion: SparsificationOptions.Criterion) throws -> SparsificationResult {
            try Sparsifier(
                projected, data: nil, options: options(criterion, 0.5), seed: 1, stream: "",
                pool: WorkerPool(threads: 1)
            ).run()
        }
        #expect(try sparsified(.magnitude).sparsity == 0.5)
        let message = "has projectors, through which 'synflow' has no path; use the criterion 'magnitude'"
        #expect(throws: CompressionError(.unsupportedLayer, layer: "lstm", message)) { try sparsified(.synflow) }
    }

    @Test func `what cannot be asked for is an error`() throws {
        var (share, rounds) = (options(.magnitude, 1.5), options(.synflow, 0.5))
        rounds.iterations = 0
        #expect(throws: CompressionError(.invalidOption, "'sparsity' is 1.5; expected from 0 to 1")) {
            try sparsify(share)
        }
        #expect(throws: CompressionError(.invalidOption, "'iterations' is 0; expected 1 or more")) {
            try sparsify(rounds)
        }
        share.sparsity = 0.5
        let message = "the checkpoint is damaged or not one of a 'sparsify' stage"
        #expect(throws: CompressionError(.invalidCheckpoint, message)) {
            try sparsify(share, from: Data("nothing".utf8))
        }
        let bare = try Network(nodes: [Network.Node("input", SequenceInput(channels: 1, steps: 8), inputs: [])])
        #expect(throws: CompressionError(.notApplicable, "the network has no layer with weights")) {
            try bare.sparsifiableWeights(matching: nil)
        }
    }
}
