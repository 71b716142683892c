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
        let analysis = try ProjectionAnalysis(of: network, layers: ["conv1d_2", "fc_1"], data: data, threads: 2)
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
            let components = try #require(actual?.blocks.first)
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

    @Test func `an integer network runs each sequence at its own length`() throws {
        let (network, data) = (try network(), try cutWaves())
        let result = try Quantizer.quantize(network, calibration: data, options: QuantizationOptions(), pool: pool)
        let integer = try IntegerNetwork(result.network)
        let scores = try integer.scores(of: data, pool: pool)
        for row in 0..<data.count {
            let alone = try QuantizedNetwork(
                structure: result.network.structure.reading(steps: Self.steps[row]), scheme: result.network.scheme,
                tensors: result.network.tensors)
            let expected = try IntegerNetwork(alone).scores(of: try self.alone(data, row), pool: pool)
            #expect(Array(scores[row * expected.count..<(row + 1) * expected.count]) == expected, "row \(row)")
        }
        // The float network agrees, so that both leave the padding out.
        let float = try Evaluation(of: result.prepared, on: data, pool: pool)
        let evaluation = Evaluation(scores: scores, areProbabilities: true, of: data)
        #expect(zip(float.predictions, evaluation.predictions).count { $0 == $1 } >= data.count - 1)
        #expect(result.layers.allSatisfy { ($0.signalToNoise ?? 99) > 20 }, "\(result.layers.map(\.signalToNoise))")
    }

    @Test func `a network that reads a shorter length computes what it computes of a sequence among longer ones`()
        throws
    {
        for seed in UInt64(0)..<60 {
            let network = try RandomNetworks.unequalSequenceClassifier(seed: seed, length: 14)
            for steps in [14, 11, 8] where (try? network.check(steps: [14, steps])) != nil {
                let size = network.shapes[0][0]
                let raw = examples(1, for: network, seed: seed)
                let compiled = try CompiledNetwork(network, batchCapacity: 2, purpose: .inference, pool: pool)
                compiled.setInput(count: 2, steps: [14, steps]) { target in
                    for index in 0..<size * 14 {
                        target[index] = raw[index]
                        target[size * 14 + index] = index % 14 < steps ? raw[index] : 0
                    }
                }
                compiled.forward(count: 2, mode: .inference)
                let all = compiled.values(of: network.outputs[0].name).array(in: 3..<6)
                let cut = (0..<size).flatMap { raw[$0 * 14..<$0 * 14 + steps] }
                let alone = try run(try network.reading(steps: steps), on: cut)
                #expect(largestDifference(all, alone) < 1e-5, "seed \(seed), \(steps) steps")
            }
        }
    }
}
