import Compression
import Networks
import Tensors
import TestSupport
import Testing

/// Each step changes no output; a failure names its seed.
@Suite struct PreparationTests {
    @Test func `removing dropout and folding batch normalization changes no output`() throws {
        var folded = 0
        for seed in UInt64(0)..<300 {
            let network = try RandomNetworks.sequenceClassifier(seed: seed, isolatesBatchNormalization: seed % 2 == 0)
            let plain = network.removingDropout()
            #expect(!plain.nodes.contains { $0.layer is Dropout })
            let prepared = plain.foldingBatchNormalization()
            // A sum or a pooling before batch normalization may leave no way to fold it.
            #expect(seed % 2 == 1 || !prepared.nodes.contains { $0.layer is BatchNormalization }, "seed \(seed)")
            folded += plain.nodes.count - prepared.nodes.count
            try Self.expectEqualOutputs(network, prepared, seed: seed)
        }
        #expect(folded > 200, "only \(folded) layers were folded")
    }

    @Test func `equalizing changes no output and evens out the ranges of channels`() throws {
        var equalized = 0
        for seed in UInt64(0)..<300 {
            let network = Quantizer.prepare(
                try RandomNetworks.sequenceClassifier(seed: seed, isolatesBatchNormalization: true),
                steps: [.unpack, .fold])
            let prepared = network.equalizing()
            equalized += prepared == network ? 0 : 1
            try Self.expectEqualOutputs(network, prepared, seed: seed)
        }
        #expect(equalized > 50, "only \(equalized) networks had a pair")
    }

    @Test func `equalized channels have the geometric mean of both ranges`() throws {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 2), inputs: []),
                Network.Node("conv", Convolution1D(filters: 3, filterSize: 1), inputs: ["input"]),
                Network.Node("relu", ReLU(), inputs: ["conv"]),
                Network.Node("flat", Flatten(), inputs: ["relu"]),
                Network.Node("fc", Dense(outputs: 1), inputs: ["flat"]),
            ],
            parameters: [
                "conv.weights": Tensor([8, -0.5, 3], shape: [3, 1, 1]), "conv.bias": Tensor([4, 2, 7]),
                "fc.weights": Tensor([0.5, -1, 2, 8, 0, 0], shape: [1, 6]), "fc.bias": Tensor([1]),
            ])
        // Ranges 8 and 1, 2 and 8 (of the bias), 7 and 0: factors sqrt(8), 1/2, 1.
        let root = Float(8).squareRoot()
        let equalized = network.equalizing().parameters
        #expect(equalized["conv.weights"]?.floats == [8 / root, -1, 3])
        #expect(equalized["conv.bias"]?.floats == [4 / root, 4, 7])
        #expect(equalized["fc.weights"]?.floats == [0.5 * root, -root, 1, 4, 0, 0])
        #expect(equalized["fc.bias"]?.floats == [1])
    }

    @Test func `equalizing passes through what keeps a positive factor, over images too`() throws {
        let network = try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", ImageInput(height: 6, width: 6, channels: 2), inputs: []),
                Network.Node("first", Convolution2D(filters: 4, filterSize: [3, 3]), inputs: ["input"]),
                Network.Node("leaky", LeakyReLU(slope: 0.2), inputs: ["first"]),
                Network.Node("slopes", PReLU(), inputs: ["leaky"]),
                Network.Node("largest", MaxPooling2D(size: [2, 2], stride: [1, 1]), inputs: ["slopes"]),
                Network.Node("mean", AveragePooling2D(size: [2, 2], stride: [1, 1]), inputs: ["largest"]),
                Network.Node("second", TransposedConvolution2D(filters: 3, filterSize: [2, 2]), inputs: ["mean"]),
                Network.Node("curve", Swish(), inputs: ["second"]),
                Network.Node("third", Convolution2D(filters: 2, filterSize: [1, 1]), inputs: ["curve"]),
            ]), seed: 4)
        let equalized = network.equalizing()
        for (name, isChanged) in [("first", true), ("second", true), ("third", false)] {
            #expect((equalized.parameters["\(name).weights"] != network.parameters["\(name).weights"]) == isChanged)
        }
        let raw = examples(3, for: network, seed: 7)
        #expect(largestDifference(try run(network, on: raw), try run(equalized, on: raw)) < 1e-5)
    }

    @Test func `a dead unit with vanishing weights keeps a small bias`() throws {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 1), inputs: []),
                Network.Node("conv", Convolution1D(filters: 2, filterSize: 1), inputs: ["input"]),
                Network.Node("relu", ReLU(), inputs: ["conv"]),
                Network.Node("flat", Flatten(), inputs: ["relu"]),
                Network.Node("fc", Dense(outputs: 1), inputs: ["flat"]),
            ],
            parameters: [
                "conv.weights": Tensor([1, 1e-20], shape: [2, 1, 1]), "conv.bias": Tensor([0, -0.25]),
                "fc.weights": Tensor([1, 1], shape: [1, 2]), "fc.bias": Tensor([0]),
            ])
        #expect(network.equalizing().parameters["conv.bias"]?.floats == [0, -0.5])
    }

    @Test func `batch normalization after a sum goes into the layers that read it`() throws {
        let network = try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 2, steps: 5), inputs: []),
                Network.Node("twice", Add(), inputs: ["input", "input"]),
                Network.Node("bn", BatchNormalization(), inputs: ["twice"]),
                Network.Node("left", Convolution1D(filters: 3, filterSize: 2, hasBias: false), inputs: ["bn"]),
                Network.Node("right", Convolution1D(filters: 3, filterSize: 2), inputs: ["bn"]),
                Network.Node("sum", Add(), inputs: ["left", "right"]),
            ]), seed: 5)
        let folded = network.foldingBatchNormalization()
        #expect(folded.nodes.map(\.name) == ["input", "twice", "left", "right", "sum"])
        try Self.expectEqualOutputs(network, folded, seed: 5)
    }

    @Test(arguments: [
        (Padding.same, "twice"), (Padding.none1D, "relu"),
    ]) func `batch normalization that fits neither way stays`(padding: Padding, source: String) throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 5), inputs: []),
            Network.Node("twice", Add(), inputs: ["input", "input"]),
            Network.Node("relu", ReLU(), inputs: ["twice"]),
            Network.Node("bn", BatchNormalization(), inputs: [source]),
            Network.Node("conv", Convolution1D(filters: 3, filterSize: 2, padding: padding), inputs: ["bn"]),
            Network.Node("relu2", ReLU(), inputs: [source == "relu" ? "bn" : "conv"]),
        ]).initialized(seed: 1, stream: "test")
        #expect(network.foldingBatchNormalization() == network)
    }

    /// Chains of convolutions of every kind, with what a factor passes through between them.
    @Test func `any chain of convolutions is folded and equalized without a change of its outputs`() throws {
        var (equalized, grouped) = (0, 0)
        for seed in UInt64(0)..<200 {
            let network = try RandomNetworks.randomized(Self.chain(seed: seed), seed: seed)
            let folded = network.foldingBatchNormalization()
            let prepared = folded.equalizing()
            equalized += prepared == folded ? 0 : 1
            grouped += network.nodes.contains { ($0.layer as? any ConvolutionLayer)?.groups ?? 1 > 1 } ? 1 : 0
            let raw = examples(3, for: network, seed: seed)
            let expected = try run(network, on: raw)
            #expect(largestDifference(expected, try run(folded, on: raw)) < 2e-5, "seed \(seed)")
            #expect(largestDifference(expected, try run(prepared, on: raw)) < 2e-5, "seed \(seed)")
        }
        #expect(equalized > 150 && grouped > 60, "\(equalized) equalized, \(grouped) with groups")
    }

    private static func chain(seed: UInt64) throws -> Network {
        var random = RandomStream(seed: seed, name: "chain")
        let isImage = random.below(2) == 0
        var nodes = [
            isImage
                ? Network.Node("input", ImageInput(height: 14, width: 12, channels: 2), inputs: [])
                : Network.Node("input", SequenceInput(channels: 2, steps: 40), inputs: [])
        ]
        var channels = 2
        func append(_ layer: any Layer) {
            nodes.append(Network.Node("l\(nodes.count)", layer, inputs: [nodes[nodes.count - 1].name]))
        }
        for _ in 0..<2 + random.below(3) {
            let filters = channels * (1 + random.below(2))
            let groups = [1, channels, channels % 2 == 0 ? 2 : 1][random.below(3)]
            let padding: Padding = random.below(2) == 0 ? .same : isImage ? .none2D : .none1D
            let layers: [any Layer] =
                isImage
                ? [
                    Convolution2D(filters: filters, filterSize: [2, 1], padding: padding, groups: groups),
                    TransposedConvolution2D(filters: filters, filterSize: [2, 2], groups: groups),
                ]
                : [
                    Convolution1D(filters: filters, filterSize: 2, padding: padding, groups: groups),
                    TransposedConvolution1D(filters: filters, filterSize: 3, stride: 2, groups: groups),
                ]
            append(layers[random.below(4) / 3])
            channels = filters
            if random.below(2) == 0 { append(BatchNormalization()) }
            let between: [any Layer] =
                [ReLU(), LeakyReLU(slope: 0.2), PReLU()]
                + (isImage
                    ? [MaxPooling2D(size: [2, 2], stride: [1, 1], padding: .same), AveragePooling2D(size: [1, 2])]
                    : [MaxPooling1D(size: 2, stride: 1, padding: .same), AveragePooling1D(size: 2)])
            append(between[random.below(between.count)])
        }
        append(random.below(2) == 0 ? GlobalAveragePooling() : Flatten())
        append(Dense(outputs: 3))
        return try Network(nodes: nodes)
    }

    private static func expectEqualOutputs(_ first: Network, _ second: Network, seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "input")
        let size = first.shape(of: first.inputs[0].name)?.count ?? 0
        let input = (0..<size).map { _ in 4 * random.uniform() - 2 }
        let expected = try #require(DirectLayer.outputs(of: first, input: input).last)
        let found = try #require(DirectLayer.outputs(of: second, input: input).last)
        let peak = expected.map { abs($0) }.max() ?? 0
        for (one, other) in zip(expected, found) {
            #expect(abs(one - other) <= 1e-5 * (peak + 1), "seed \(seed)")
        }
        #expect(expected.count == found.count)
    }
}
