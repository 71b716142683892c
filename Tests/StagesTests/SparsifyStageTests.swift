import Documents
import Execution
import Foundation
import Testing

@Suite struct SparsifyStageTests {
    private static func recipe(_ options: String, then stages: String = "") -> String {
        """
        version: 1
        name: sparsify
        stages:
          - load: {network: network.yaml, data: data}
          - train: {MaxEpochs: 2, MiniBatchSize: 8}
          - sparsify: {\(options)}
        \(stages)
        """
    }

    @Test(arguments: ["magnitude", "synflow"])
    func `weights are zero, bytes are counted, and int8 follows`(criterion: String) throws {
        let options =
            "criterion: \(criterion), sparsity: 75 %, iterations: 10, retrain: {MaxEpochs: 2, MiniBatchSize: 8}"
        let outcome = try TinyProject().run(
            Self.recipe(options, then: "  - quantize\n  - evaluate: {needs: [train, sparsify, quantize]}\n"))
        #expect(outcome.summary.exitStatus == .done)
        let result = try #require(outcome.result("sparsify"))
        // Convolutions 24 + 48, dense 24 + 12.
        #expect(result["sparsity"] == ["requested": 0.75, "reached": 0.75, "weights": 108, "zeros": 81])
        #expect(result["retrain"]?.elements?.count == 2)
        let storage = try #require(result["storage"])
        let (dense, sparse) = (storage["denseBytes"]?.whole ?? 0, storage["sparseBytes"]?.whole ?? 0)
        #expect(dense == result.value(at: "network.memoryBytes")?.whole && sparse < dense)
        let rows = try #require(result["weights"]?.elements)
        #expect(rows.map { $0["layer"]?.text } == ["conv_1", "conv_2", "fc_1", "fc_2"])
        let saved = rows.map { ($0["denseBytes"]?.whole ?? 0) - ($0["bytes"]?.whole ?? 0) }.reduce(0, +)
        #expect(dense - sparse == saved)
    }

    @Test func `what may not follow or be asked for is said before anything runs`() throws {
        let project = try TinyProject()
        #expect(try project.faults(Self.recipe("criterion: synflow")).contains("'sparsify' needs 'sparsity'"))
        #expect(
            try project.faults(Self.recipe("sparsity: 0.5, LayerNames: norm_1"))
                .contains("'norm_1' matches no layer that has weights"))
        let after = Self.recipe("sparsity: 0.5", then: "  - quantize\n  - sparsify: {id: again, sparsity: 0.5}\n")
        #expect(try project.faults(after).contains("stage 'again' cannot follow quantize: its network is in int8"))
    }
}
