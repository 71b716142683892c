import Compression
import Datasets
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Training

/// Compression over sequences of unequal length counts what each sequence has, and never its padding.
@Suite struct UnequalLengthTests {
    private static let steps = [24, 9, 24, 13, 17, 5, 22]
    private let pool = WorkerPool(threads: 2)

    /// The waves, cut to lengths of their own.
    private func cutWaves() throws -> Dataset {
        let whole = waves(Self.steps.count)
        var examples: [Float] = []
        for (row, steps) in Self.steps.enumerated() {
            examples += try whole.example(row).enumerated().map { $0.offset < steps ? $0.element : 0 }
        }
        return Dataset(
            name: "waves", channels: whole.channels, shape: whole.inputShape, targets: whole.targets,
            steps: Self.steps, examples: examples)
    }

    /// One example at its own length.
    private func alone(_ data: Dataset, _ row: Int) throws -> Dataset {
        Dataset(
            name: data.name, channels: data.channels, steps: Self.steps[row], classes: data.classes,
            labels: [data.labels[row]], examples: Array(try data.example(row).prefix(Self.steps[row])))
    }

    private func network() throws -> Network {
        try RandomNetworks.randomized(ExampleNetworks.road(filters: [3, 4], steps: 24), seed: 8)
    }

    @Test func `principal components are those of the sequences without padding`() throws {
        let (network, data) = (try network(), try cutWaves())
        let analysis = try ProjectionAnalysis(
            of: network, layers: ["conv1d_2", "fc_1"], data: data, pool: pool)
        for (node, channels, actual) in [
            ("relu_1", 3, analysis.layers[0].input), ("conv1d_2", 4, analysis.layers[0].output),
            ("fc_1", 32, analysis.layers[1].output),
        ] {
            var accumulator = CovarianceAccumulator(dimension: channels)
            for row in 0..<data.count {
                let alone = try network.reading(steps: Self.steps[row])
                let values = try run(alone, on: Array(try data.example(row).prefix(Self.steps[row])), node: node)
                accumulator.add(values, examples: 1, positions: values.count / channels)
            }
            let expected = try accumulator.principalComponents()
            let components = try #require(actual)
            #expect(zip(components.mean, expected.mean).allSatisfy { abs($0 - $1) < 1e-5 }, "\(node)")
            #expect(zip(components.variances, expected.variances).allSatisfy { abs($0 - $1) < 1e-4 }, "\(node)")
        }
    }

    @Test func `the Taylor score is the mean of each sequence's own`() throws {
        let data = try cutWaves()
        func scores(_ network: Network, _ data: Dataset) throws -> [String: [Double]] {
            var training = TrainingOptions()
            training.miniBatchSize = 3
            return try FilterScorer(criterion: .taylor, training: training).scores(
                of: PrunableNetwork(network, scope: PruningScope(prunable: [.convolution])), data: data, seed: 1,
                stream: "scores", pool: pool
            ).values
        }
        let actual = try scores(network(), data)
        var expected: [String: [Double]] = [:]
        for row in 0..<data.count {
            for (layer, values) in try scores(network().reading(steps: Self.steps[row]), alone(data, row)) {
                let sum = expected[layer] ?? Array(repeating: 0, count: values.count)
                expected[layer] = zip(sum, values).map { $0 + $1 / Double(data.count) }
            }
        }
        #expect(actual.keys.sorted() == ["relu_1", "relu_2"])
        for (layer, values) in actual {
            for (value, other) in zip(values, expected[layer] ?? []) {
                #expect(abs(value - other) < 1e-4 * other + 1e-7, "\(layer)")
            }
        }
    }

    @Test func `int8 refuses sequences of unequal length`() throws {
        let message =
            "the sequences of 'waves' are of unequal length, which int8 networks cannot follow yet; "
            + "leave out 'quantize', or cut the sequences to one length"
        #expect(throws: CompressionError(.invalidData, message)) {
            _ = try Quantizer.quantize(
                network(), calibration: cutWaves(), options: QuantizationOptions(), pool: pool)
        }
    }
}
