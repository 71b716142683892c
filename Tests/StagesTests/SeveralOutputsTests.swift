import Documents
import Execution
import Testing

/// Networks with several outputs: the targets belong to the last one.
@Suite struct SeveralOutputsTests {
    private static let network = """
        version: 1
        layers:
          - sequenceInput: {name: input, channels: 2, steps: 12, normalization: zscore}
          - convolution1d: {name: conv_1, filters: 6, filterSize: 3, padding: same}
          - relu: {name: relu_1}
          - convolution1d: {name: envelope, filters: 3, filterSize: 3, padding: same}
          - globalAveragePooling: {name: pool, inputs: relu_1}
          - dense: {name: fc, outputs: 2}
          - softmax: {name: softmax}

        """

    private static let recipe = """
        version: 1
        name: outputs
        seed: 5
        stages:
          - load: {network: network.yaml, data: data}
          - train: {MaxEpochs: 4, MiniBatchSize: 8, InitialLearnRate: 0.02}
          - prune: {MaxToPrune: 1, epochs: 1, goal: {totalParameters: 72}, finetune: {MiniBatchSize: 8}}
          - quantize: {}
          - evaluate: {needs: [train, prune, quantize]}

        """

    @Test func `a network of two outputs is trained by the last one, pruned, quantized and measured`() throws {
        let project = try TinyProject()
        try project.write("network.yaml", Self.network)
        let outcome = try project.run(Self.recipe)
        #expect(outcome.statuses.allSatisfy { $0 == .ran }, "\(outcome.summary.stages.compactMap(\.message))")
        let layers = outcome.result("prune")?.value(at: "network.layers")?.elements ?? []
        let shapes = Dictionary(
            uniqueKeysWithValues: layers.map {
                ($0["name"]?.text ?? "", $0["outputShape"]?.elements?.first?.whole ?? 0)
            })
        // What leaves the network stays; what both outputs read has lost filters.
        #expect(shapes["envelope"] == 3 && shapes["softmax"] == 2)
        #expect(try #require(shapes["conv_1"]) < 6)
        let rows = try #require(outcome.result("evaluate")?["rows"]?.elements)
        #expect(rows.count == 3)
        for row in rows { #expect(try #require(row.value(at: "metrics.accuracy.value")?.double) > 0.5) }
    }
}
