import Compression
import Datasets
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Training

@Suite struct QuantizerTests {
    private static let schemes = QuantizationScheme.Scaling.allCases.flatMap { scaling in
        QuantizationScheme.Granularity.allCases.map { QuantizationScheme(scaling: scaling, granularity: $0) }
    }

    @Test(arguments: schemes) func `integer outputs are close to float outputs`(scheme: QuantizationScheme) throws {
        var ratios: [Double] = []
        for seed in UInt64(0)..<60 {
            let network = try RandomNetworks.sequenceClassifier(seed: seed, isolatesBatchNormalization: true)
            let result = try Quantizer.quantize(
                network, calibration: Self.data(for: network, count: 100, seed: seed),
                options: QuantizationOptions(scheme: scheme), pool: WorkerPool(threads: 1))
            ratios.append(result.layers.last?.signalToNoise ?? 100)
        }
        ratios.sort()
        let (least, median) = scheme.scaling == .affine ? (16.0, 30.0) : (10.0, 25.0)
        #expect(ratios[0] > least && ratios[30] > median, "\(ratios[0]) dB at least, \(ratios[30]) dB in the middle")
    }

    @Test func `scales per channel keep more of the weights than one per layer`() throws {
        for scaling in QuantizationScheme.Scaling.allCases {
            for seed in UInt64(0)..<40 {
                let network = try RandomNetworks.sequenceClassifier(seed: seed, isolatesBatchNormalization: true)
                let data = Self.data(for: network, count: 20, seed: seed)
                let rows = try QuantizationScheme.Granularity.allCases.map { granularity in
                    try Quantizer.quantize(
                        network, calibration: data,
                        options: QuantizationOptions(
                            scheme: QuantizationScheme(scaling: scaling, granularity: granularity)),
                        pool: WorkerPool(threads: 1)
                    ).layers.map { $0.weightSignalToNoise ?? 200 }
                }
                for (channel, tensor) in zip(rows[0], rows[1]) {
                    // A finer step is not always the luckier one, but never much worse.
                    #expect(channel > tensor - 1.5, "seed \(seed), \(scaling): \(channel) and \(tensor) dB")
                }
                #expect(rows[0].reduce(0, +) >= rows[1].reduce(0, +) - 1, "seed \(seed), \(scaling)")
            }
        }
    }

    @Test(arguments: schemes) func `the result is the same at any number of threads`(
        scheme: QuantizationScheme
    ) throws {
        let network = try RandomNetworks.randomized(ExampleNetworks.road(filters: [5, 6], steps: 30), seed: 2)
        let data = Self.data(for: network, count: 150, seed: 2)
        let results = try [1, 2, 3].map { threads in
            try Quantizer.quantize(
                network, calibration: data, options: QuantizationOptions(scheme: scheme),
                pool: WorkerPool(threads: threads))
        }
        for other in results.dropFirst() {
            #expect(QuantizedNetworkFile.encode(other.network) == QuantizedNetworkFile.encode(results[0].network))
            #expect(other.layers == results[0].layers)
        }
    }

    @Test(arguments: schemes) func `a branch that is always zero adds nothing`(scheme: QuantizationScheme) throws {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 2), inputs: []),
                Network.Node("dead", Convolution1D(filters: 1, filterSize: 1), inputs: ["input"]),
                Network.Node("relu", ReLU(), inputs: ["dead"]),
                Network.Node("conv", Convolution1D(filters: 1, filterSize: 1), inputs: ["relu"]),
                Network.Node("add", Add(), inputs: ["relu", "input", "conv"]),
                Network.Node("pool", GlobalMaxPooling(), inputs: ["add"]),
            ],
            parameters: [
                "dead.weights": Tensor([0.5], shape: [1, 1, 1]), "dead.bias": Tensor([-9]),
                "conv.weights": Tensor([0.7], shape: [1, 1, 1]), "conv.bias": Tensor([0.25]),
            ])
        let data = Self.data(for: network, count: 20, seed: 3)
        let result = try Quantizer.quantize(
            network, calibration: data, options: QuantizationOptions(prepare: [], scheme: scheme),
            pool: WorkerPool(threads: 1))
        let scores = try IntegerNetwork(result.network).scores(of: data, pool: WorkerPool(threads: 1))
        let examples = try data.values(in: 0..<data.count)
        for (example, score) in scores.enumerated() {
            let expected = max(examples[2 * example], examples[2 * example + 1]) + 0.25
            #expect(abs(score - expected) < 0.03, "example \(example)")
        }
    }

    @Test func `ranges cover all batches and fused ReLUs start at zero`() throws {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 1), inputs: []),
                Network.Node("conv", Convolution1D(filters: 1, filterSize: 1, hasBias: false), inputs: ["input"]),
                Network.Node("relu", ReLU(), inputs: ["conv"]),
                Network.Node("pool", GlobalMaxPooling(), inputs: ["relu"]),
            ], parameters: ["conv.weights": Tensor([-2], shape: [1, 1, 1])])
        // 129 examples are three batches; the extremes stand in the first and in the last.
        var values = (0..<129).map { Float($0 % 7) / 10 }
        (values[0], values[128]) = (-4, 9)
        let data = Dataset(
            name: "ramp", channels: ["x"], steps: 1, classes: ["only"], labels: values.map { _ in 0 }, examples: values)
        let rows = try Quantizer.quantize(
            network, calibration: data, options: QuantizationOptions(prepare: []), pool: WorkerPool(threads: 1)
        ).layers
        #expect(rows.map(\.minimum) == [-4, 0, nil, nil])
        #expect(rows.map(\.maximum) == [9, 8, nil, nil])
        #expect(rows.map(\.step) == [13, 8, 8, 8].map { Double(Float(Double($0) / 255)) })
        #expect(rows.map(\.zeroPoint) == [-50, -128, -128, -128])
        #expect(rows.map(\.memoryBytes) == [5, 10, 0, 0])
    }

    /// A single far value: with it inside, all others would share a few steps.
    @Test func `a power of two gives up a rare peak for the many`() throws {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 64), inputs: []),
                Network.Node("flat", Flatten(), inputs: ["input"]),
            ])
        func exponent(peak: Float) throws -> Double {
            var values = (0..<64 * 1_000).map { Float($0 % 127) / 127 }
            values[77] = peak
            let data = Dataset(
                name: "peak", channels: ["x"], steps: 64, classes: ["only"], labels: Array(repeating: 0, count: 1_000),
                examples: values)
            return try Quantizer.quantize(
                network, calibration: data,
                options: QuantizationOptions(scheme: QuantizationScheme(scaling: .powerOfTwo)),
                pool: WorkerPool(threads: 1)
            ).layers[0].step
        }
        // Without clipping the steps would be 2^-7, 2^-6, 1 and 8.
        #expect(try exponent(peak: 0.5) == 0x1p-7)
        #expect(try exponent(peak: 1.2) == 0x1p-7)
        #expect(try exponent(peak: 100) == 0x1p-1)
        #expect(try exponent(peak: 1_000) == 8)
    }

    @Test func `what cannot be calibrated is refused with the reason`() throws {
        let network = try RandomNetworks.randomized(ExampleNetworks.road(filters: [2, 2], steps: 8), seed: 2)
        func message(_ network: Network, _ data: Dataset) -> String {
            do {
                _ = try Quantizer.quantize(
                    network, calibration: data, options: QuantizationOptions(), pool: WorkerPool(threads: 1))
                return "none"
            } catch { return "\(error)" }
        }
        let data = Self.data(for: network, count: 3, seed: 1)
        #expect(message(network, data) == "none")
        #expect(message(network, data.rows([])) == "the data set 'noise' has no example to calibrate with")
        let longer = try ExampleNetworks.road(filters: [2, 2], steps: 9)
        #expect(
            message(network, Self.data(for: longer, count: 3, seed: 1))
                == "the examples of 'noise' are 1 x 9; the network reads 1 x 8")
        var broken = network
        try broken.setParameters(["fc_2.bias": Tensor([0, .nan])])
        #expect(
            message(broken, data)
                == "layer 'fc_2': its parameter 'fc_2.bias' holds nan; train with a lower learning rate")
        var huge = network
        try huge.setParameters(["fc_2.weights": Tensor(repeating: 1e38, shape: [2, 32])])
        try huge.setParameters(["fc_1.weights": Tensor(repeating: 1e10, shape: [32, 2])])
        #expect(
            message(huge, data)
                == "layer 'fc_2': its output is not finite on the data set 'noise'; train with a lower learning rate")
    }

    @Test func `cancelling ends the work`() throws {
        struct Stop: Error {}
        let network = try RandomNetworks.randomized(ExampleNetworks.road(filters: [2, 2], steps: 8), seed: 2)
        var calls = 0
        #expect(throws: Stop.self) {
            try Quantizer.quantize(
                network, calibration: Self.data(for: network, count: 200, seed: 1), options: QuantizationOptions(),
                pool: WorkerPool(threads: 1),
                monitor: CompressionMonitor(
                    report: { _ in }, isCheckpointDue: { _ in false }, save: { _ in },
                    checkCancellation: {
                        calls += 1
                        if calls == 3 { throw Stop() }
                    }))
        }
        #expect(calls == 3)
    }

    @Test func `integers predict nearly what floats predict`() throws {
        let pool = WorkerPool(threads: 2)
        var (same, classes) = (0, Set<Int>())
        for seed in UInt64(0)..<8 {
            let network = try RandomNetworks.randomized(ExampleNetworks.road(filters: [4, 5], steps: 30), seed: seed)
            let noise = Self.data(for: network, count: 100, seed: seed)
            let data = Dataset(
                name: "noise", channels: ["x"], steps: 30, classes: ["a", "b"], labels: noise.labels.map { $0 % 2 },
                examples: try noise.values(in: 0..<noise.count))
            let quantized = try Quantizer.quantize(
                network, calibration: data, options: QuantizationOptions(), pool: pool
            ).network
            let scores = try IntegerNetwork(quantized).scores(of: data, pool: pool)
            let integer = Evaluation(scores: scores, areProbabilities: true, of: data)
            let float = try Evaluation(of: network, on: data, pool: pool)
            same += zip(integer.predictions, float.predictions).filter { $0 == $1 }.count
            classes.formUnion(integer.predictions)
        }
        #expect(same >= 785, "\(same) of 800")
        #expect(classes == [0, 1])
    }

    /// Noise of the shape that a network reads.
    private static func data(for network: Network, count: Int, seed: UInt64) -> Dataset {
        let shape = network.shape(of: network.inputs[0].name) ?? []
        var random = RandomStream(seed: seed, name: "data")
        return Dataset(
            name: "noise", channels: (0..<shape[0]).map { "c\($0)" }, steps: shape[1], classes: ["a", "b", "c"],
            labels: (0..<count).map { $0 % 3 },
            examples: (0..<count * shape.count).map { _ in 4 * random.uniform() - 2 })
    }
}
