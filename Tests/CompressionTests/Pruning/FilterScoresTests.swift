import Compression
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct FilterScoresTests {
    // MARK: Where a filter is scored

    private func network(_ nodes: [(String, any Layer, [String])]) throws -> PrunableNetwork {
        let input = Network.Node("input", SequenceInput(channels: 1, steps: 8), inputs: [])
        let network = try Network(nodes: [input] + nodes.map { Network.Node($0.0, $0.1, inputs: $0.2) })
        return try PrunableNetwork(network, scope: PruningScope(prunable: [.convolution, .dense]))
    }

    @Test func `a filter is scored behind batch normalization and activation, before pooling`() throws {
        let road = try PrunableNetwork(ExampleNetworks.road(), scope: PruningScope(prunable: [.convolution, .dense]))
        #expect(road.layers.map(road.activation) == ["relu_1", "relu_2", "relu_3"])
        let digits = try PrunableNetwork(ExampleNetworks.digits(), scope: PruningScope())
        #expect(digits.layers.map(digits.activation) == ["relu_1", "relu_2", "relu_3"])
        let residual = try PrunableNetwork(ExampleNetworks.resNet(), scope: PruningScope())
        #expect(residual.activation(of: "conv_in") == "relu_in")
        #expect(residual.activation(of: "stage2_unit1_conv2") == "stage2_unit1_conv2_bn")
        #expect(residual.activation(of: "stage2_unit1_skip") == "stage2_unit1_skip_bn")
    }

    @Test func `a normalization behind pooling still belongs to the filter`() throws {
        let prunable = try network([
            ("conv", Convolution1D(filters: 4, filterSize: 3), ["input"]), ("pool", MaxPooling1D(size: 2), ["conv"]),
            ("bn", BatchNormalization(), ["pool"]), ("drop", Dropout(), ["bn"]),
            ("average", GlobalAveragePooling(), ["drop"]), ("fc", Dense(outputs: 2), ["average"]),
        ])
        #expect(prunable.activation(of: "conv") == "bn")
    }

    @Test func `a filter with two readers is scored before them`() throws {
        let prunable = try network([
            ("conv", Convolution1D(filters: 4, filterSize: 3), ["input"]), ("relu", ReLU(), ["conv"]),
            ("a", GlobalAveragePooling(), ["relu"]), ("b", GlobalMaxPooling(), ["relu"]),
            ("both", Concatenate(), ["a", "b"]), ("fc", Dense(outputs: 2), ["both"]),
        ])
        #expect(prunable.activation(of: "conv") == "relu")
    }

    // MARK: Order

    @Test func `groups are ordered by the sum over their filters, equal ones by position`() throws {
        let prunable = try PrunableNetwork(ExampleNetworks.residual(), scope: PruningScope())
        let scores = try FilterScores(["conv_a": [3, 1, 2, 0, 5, 0], "conv_b": [0, 1, 1, 2, 0, 2]])
        let order = scores.ascending(prunable.groups)
        #expect(order.map(\.score) == [2, 2, 2, 3, 3, 5])
        #expect(order.map { $0.group.filters[0].index } == [1, 3, 5, 0, 2, 4])
    }

    @Test(
        arguments: [
            (ScoreNormalization.none, [3.0, 4, 0]), (.l2, [0.6, 0.8, 0]), (.mean, [9.0 / 7, 12.0 / 7, 0]),
        ] as [(ScoreNormalization, [Double])])
    func `scores are made comparable layer by layer`(normalization: ScoreNormalization, expected: [Double]) throws {
        let scores = try FilterScores(["a": [3, 4, 0], "zero": [0, 0]], normalization: normalization)
        for (value, expected) in zip(scores.values["a"] ?? [], expected) { #expect(abs(value - expected) < 1e-15) }
        #expect(scores.values["zero"] == [0, 0])
    }

    @Test func `a score that is not finite names layer and filter`() {
        let message = "the score of filter 1 is nan; lower the learning rate of the fine-tuning"
        #expect(throws: CompressionError(.nonFiniteValue, layer: "a", message)) {
            try FilterScores(["a": [1, .nan]])
        }
    }
}
