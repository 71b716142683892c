import Compression
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct IntegerNetworkTests {
    @Test func `every layer kind has an integer form`() {
        for type in LayerKinds.all { #expect(type is any IntegerLayer.Type, "\(type.kind)") }
    }

    @Test(arguments: [QuantizationScheme.Granularity.tensor, .channel])
    func `power-of-two networks compute exactly the rounded rational numbers`(
        granularity: QuantizationScheme.Granularity
    ) throws {
        let scheme = QuantizationScheme(scaling: .powerOfTwo, granularity: granularity)
        var kinds: Set<String> = []
        for seed in UInt64(0)..<300 {
            let scenario = try QuantizationScenario(seed: seed, scheme: scheme, widening: 2)
            var random = RandomStream(seed: seed, name: "input")
            let size = scenario.examples[0].count
            let input = (0..<size).map { _ in Int8(truncatingIfNeeded: Int(random.word())) }
            for comparison in try scenario.comparisons(of: input) {
                kinds.insert(comparison.node.layer.kind)
                #expect(comparison.distance == 0, "seed \(seed), \(comparison.node.name)")
            }
        }
        #expect(kinds.count == 10, " \(kinds.sorted())")
    }

    @Test(arguments: [QuantizationScheme.Granularity.tensor, .channel])
    func `affine networks compute the real numbers within one step`(
        granularity: QuantizationScheme.Granularity
    ) throws {
        let scheme = QuantizationScheme(scaling: .affine, granularity: granularity)
        for seed in UInt64(0)..<300 {
            let scenario = try QuantizationScenario(seed: seed, scheme: scheme)
            var random = RandomStream(seed: seed, name: "input")
            let size = scenario.examples[0].count
            let input = (0..<size).map { _ in Int8(truncatingIfNeeded: Int(random.word())) }
            for comparison in try scenario.comparisons(of: input) {
                #expect(comparison.distance <= 1, "seed \(seed), \(comparison.node.name)")
            }
        }
    }

    @Test(arguments: [QuantizationScheme.Scaling.powerOfTwo, .affine])
    func `softmax is within one step of the real probabilities and keeps their order`(
        scaling: QuantizationScheme.Scaling
    ) throws {
        for seed in UInt64(0)..<100 {
            let scenario = try QuantizationScenario(
                seed: seed, scheme: QuantizationScheme(scaling: scaling), softmax: true)
            let network = try IntegerNetwork(scenario.quantized)
            for example in scenario.examples {
                let comparison = try #require(
                    try scenario.comparisons(of: network.quantizedInput(example[...])).last)
                #expect(comparison.distance <= 1, "seed \(seed)")
                let all = network.activations(of: network.quantizedInput(example[...]))
                let (logits, classes) = (all[all.count - 2], all[all.count - 1])
                for (index, logit) in logits.enumerated() {
                    for other in logits.indices where logit > logits[other] {
                        #expect(classes[index] >= classes[other])
                    }
                }
            }
        }
    }

    /// Steps so fine that all classes are alike, and so coarse that one takes all.
    @Test(arguments: [
        (-40, [Int8(127), -128], [Int8(0), 0]), (100, [1, 0], [127, -128]), (0, [5, 5, 5, 5], [-64, -64, -64, -64]),
        (-8, [127, -128], [59, -59]), (0, [0, -3, -100], [116, -116, -128]),
    ]) func `softmax holds at any scale`(exponent: Int, logits: [Int8], probabilities: [Int8]) throws {
        let place = IntegerPlace(
            node: Network.Node("softmax", Softmax(), inputs: ["logits"]), inputShapes: [[logits.count]],
            outputShape: [logits.count],
            inputs: [ActivationQuantization(scale: .exponent(Int8(exponent)), zeroPoint: 0)],
            output: .probabilities)
        #expect(try Softmax().integerOperation(in: place).run([logits]) == probabilities)
    }

    @Test func `scores are the same at any number of threads`() throws {
        let scenario = try QuantizationScenario(seed: 11, scheme: QuantizationScheme(), softmax: true)
        let network = try IntegerNetwork(scenario.quantized)
        let examples = (0..<9).flatMap { scenario.examples[$0 % 4].map { $0 * 0.7 } }
        let scores = [1, 2, 5].map { network.scores(of: examples, count: 9, pool: WorkerPool(threads: $0)) }
        #expect(scores[0].count == 27)
        #expect(scores[0] == scores[1] && scores[0] == scores[2])
        #expect(scores[0][0..<3].reduce(0, +) > 0.9)
    }

    @Test func `sensor values are normalized and rounded in float at the input`() throws {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 2, steps: 2, normalization: .zscore), inputs: []),
                Network.Node("flat", Flatten(), inputs: ["input"]),
            ], parameters: ["input.mean": Tensor([1, 10]), "input.deviation": Tensor([2, 4])])
        let half = ActivationQuantization(scale: .exponent(-1), zeroPoint: 0)
        let quantized = try QuantizedNetwork(
            rounding: network, activations: ["input": half], scheme: QuantizationScheme(scaling: .powerOfTwo))
        let integers = try IntegerNetwork(quantized)
        #expect(integers.quantizedInput([1, 1.5, 11, 1e9]) == [0, 1, 1, 127])
        #expect(integers.quantizedInput([-1e30, .nan, 9, 8][...]) == [-128, 0, -1, -1])
        #expect(
            integers.scores(of: [1, 1.5, 11, 1e9], count: 1, pool: WorkerPool(threads: 1)) == [0, 0.5, 0.5, 63.5])
    }

    @Test func `a layer whose sums could leave 32 bits is refused`() throws {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 70_000), inputs: []),
                Network.Node("flat", Flatten(), inputs: ["input"]),
                Network.Node("fc", Dense(outputs: 1), inputs: ["flat"]),
            ],
            parameters: ["fc.weights": Tensor(repeating: 1, shape: [1, 70_000]), "fc.bias": Tensor([0])])
        let quantized = try QuantizedNetwork(
            rounding: network,
            activations: [
                "input": ActivationQuantization(scale: .real(0.1), zeroPoint: -128),
                "fc": ActivationQuantization(scale: .real(1), zeroPoint: 0),
            ], scheme: QuantizationScheme())
        let error = #expect(throws: CompressionError.self) { try IntegerNetwork(quantized) }
        #expect(error?.code == .accumulatorOverflow)
        #expect(
            error?.description
                == "layer 'fc': its sums can reach 2266950000, beyond the 2147483647 of a 32-bit accumulator; "
                + "give it fewer inputs")
    }

    @Test func `a bias far above its weights makes them coarser instead of overflowing`() throws {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 2), inputs: []),
                Network.Node("conv", Convolution1D(filters: 2, filterSize: 1), inputs: ["input"]),
                Network.Node("pool", GlobalAveragePooling(), inputs: ["conv"]),
            ],
            parameters: [
                "conv.weights": Tensor([1e-12, 0], shape: [2, 1, 1]), "conv.bias": Tensor([3, -2]),
            ])
        for scaling in QuantizationScheme.Scaling.allCases {
            let scenario = try QuantizationScenario(
                network, examples: [[1, -1]], scheme: QuantizationScheme(scaling: scaling))
            let scores = try IntegerNetwork(scenario.quantized)
                .scores(of: [1, -1], count: 1, pool: WorkerPool(threads: 1))
            #expect(abs(scores[0] - 3) < 0.05 && abs(scores[1] + 2) < 0.05, "\(scaling): \(scores)")
        }
    }

    @Test func `a sum of inputs whose exponents lie too far apart is refused`() throws {
        let scales = [Int8(-20), 4].map { ActivationQuantization(scale: .exponent($0), zeroPoint: 0) }
        let place = IntegerPlace(
            node: Network.Node("sum", Add(), inputs: ["a", "b"]), inputShapes: [[1], [1]], outputShape: [1],
            inputs: scales, output: scales[1])
        let error = #expect(throws: CompressionError.self) { try Add().integerOperation(in: place) }
        #expect(
            error?.description
                == "layer 'sum': its sums can reach 2147483776, beyond the 2147483647 of a 32-bit accumulator; "
                + "its inputs differ too much in scale, so use affine scaling")
    }
}
