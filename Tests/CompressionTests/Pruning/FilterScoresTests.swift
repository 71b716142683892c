import Compression
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct FilterScoresTests {
    // MARK: Where channels are judged

    private func prunable(_ nodes: [(String, any Layer, [String])]) throws -> PrunableNetwork {
        let input = Network.Node("input", SequenceInput(channels: 1, steps: 8), inputs: [])
        let network = try Network(nodes: [input] + nodes.map { Network.Node($0.0, $0.1, inputs: $0.2) })
        return try PrunableNetwork(network, scope: PruningScope(prunable: [.convolution, .dense]))
    }

    @Test func `channels are judged behind batch normalization and activation, before pooling`() throws {
        let road = try PrunableNetwork(ExampleNetworks.road(), scope: PruningScope(prunable: [.convolution, .dense]))
        #expect(road.sites.map(\.name) == ["relu_1", "relu_2", "relu_3"])
        let digits = try PrunableNetwork(ExampleNetworks.digits(), scope: PruningScope())
        #expect(digits.sites.map(\.name) == ["relu_1", "relu_2", "relu_3"])
    }

    @Test func `channels of a residual network are judged behind the activations that follow the additions`() throws {
        let residual = try PrunableNetwork(
            ExampleNetworks.resNet(), scope: PruningScope(layerNames: ["*conv2", "*_skip", "conv_in"]))
        let expected = ["relu_in"] + (1...3).flatMap { stage in (1...3).map { "stage\(stage)_unit\($0)_relu2" } }
        #expect(residual.sites.map(\.name) == expected)
    }

    @Test func `channels of a dense network are judged behind the normalization of each reader`() throws {
        let dense = try PrunableNetwork(ExampleNetworks.dense(), scope: PruningScope())
        #expect(dense.sites.map(\.name) == ["relu_1", "relu_2"])
    }

    @Test func `channels that a depthwise convolution passes on are judged behind it`() throws {
        let separable = try prunable([
            ("conv", Convolution1D(filters: 4, filterSize: 3, padding: .same), ["input"]), ("relu_1", ReLU(), ["conv"]),
            ("depthwise", Convolution1D(filters: 4, filterSize: 3, stride: 2, padding: .same, groups: 4), ["relu_1"]),
            ("relu_2", ReLU(), ["depthwise"]),
            ("pointwise", Convolution1D(filters: 2, filterSize: 1), ["relu_2"]),
        ])
        #expect(separable.sites.map(\.name) == ["relu_2"])
        #expect(separable.layers == ["conv"])
    }

    @Test func `a normalization behind pooling still belongs to the channel`() throws {
        let prunable = try prunable([
            ("conv", Convolution1D(filters: 4, filterSize: 3), ["input"]), ("pool", MaxPooling1D(size: 2), ["conv"]),
            ("bn", BatchNormalization(), ["pool"]), ("drop", Dropout(), ["bn"]),
            ("average", GlobalAveragePooling(), ["drop"]), ("fc", Dense(outputs: 2), ["average"]),
        ])
        #expect(prunable.sites.map(\.name) == ["bn"])
    }

    @Test func `a channel with two readers is judged before them`() throws {
        let prunable = try prunable([
            ("conv", Convolution1D(filters: 4, filterSize: 3), ["input"]), ("relu", ReLU(), ["conv"]),
            ("a", GlobalAveragePooling(), ["relu"]), ("b", Slice(start: 1, length: 2), ["relu"]),
            ("fc_a", Dense(outputs: 2), ["a"]), ("fc_b", Convolution1D(filters: 2, filterSize: 1), ["b"]),
        ])
        #expect(prunable.sites.map(\.name) == ["relu"])
    }

    // MARK: Order

    @Test func `groups are ordered by the sum over their channels, equal ones by position`() throws {
        let prunable = try PrunableNetwork(ExampleNetworks.residual(), scope: PruningScope())
        let scores = try FilterScores(["conv_a": [3, 1, 2, 0, 5, 0], "conv_b": [0, 1, 1, 2, 0, 2]], of: prunable)
        let order = scores.ascending(prunable.groups)
        #expect(order.map(\.score) == [2, 2, 2, 3, 3, 5])
        #expect(order.map { $0.group.filters[0].index } == [1, 3, 5, 0, 2, 4])
    }

    @Test(
        arguments: [
            (ScoreNormalization.none, [3.0, 4, 0]), (.l2, [0.6, 0.8, 0]), (.mean, [9.0 / 7, 12.0 / 7, 0]),
        ] as [(ScoreNormalization, [Double])])
    func `scores are made comparable layer by layer`(normalization: ScoreNormalization, expected: [Double]) throws {
        let scores = try FilterScores(["a": [3, 4, 0], "zero": [0, 0]], of: road(), normalization: normalization)
        for (value, expected) in zip(scores.values["a"] ?? [], expected) { #expect(abs(value - expected) < 1e-15) }
        #expect(scores.values["zero"] == [0, 0])
    }

    @Test func `a score that is not finite names layer and filter`() {
        let message = "the score of channel 1 is nan; lower the learning rate of the fine-tuning"
        #expect(throws: CompressionError(.nonFiniteValue, layer: "a", message)) {
            try FilterScores(["a": [1, .nan]], of: road())
        }
    }

    private func road() throws -> PrunableNetwork {
        try PrunableNetwork(ExampleNetworks.road(), scope: PruningScope())
    }
}
