import Documents
import Execution
import Foundation
import TestSupport
import Testing

@Suite struct PruneStageTests {
    private static func pruning(_ options: String) -> String {
        """
        version: 1
        name: prune
        stages:
          - load: {network: network.yaml, data: data}
          - train: {MaxEpochs: 4, MiniBatchSize: 8, InitialLearnRate: 0.02}
          - prune: {\(options)}

        """
    }

    @Test func `the artifact has the iterations, every validation, the threshold and why pruning ended`() throws {
        let outcome = try TinyProject().run(
            Self.pruning(
                "LearnablesIncrement: 20 %, ValidationThreshold: 1000, finetune: {MaxEpochs: 2, MiniBatchSize: 9, "
                    + "ValidationFrequency: 1, OutputNetwork: best-validation}"))
        #expect(outcome.summary.exitStatus == .done)
        let result = try #require(outcome.result("prune"))
        #expect(result["stopReason"] == "nothing more can be removed")
        let history = try #require(result["history"]?.elements)
        #expect(history.count > 2)
        let rows = try #require(result["validations"]?.elements)
        for (index, row) in history.enumerated() {
            let objective = try #require(row["objective"])
            guard index > 0 else { continue }
            let own = rows.filter { $0["iteration"]?.whole == index }
            // 18 examples are two steps an epoch; the network before them comes first.
            #expect(own.map { $0["step"]?.whole } == [0, 1, 2, 3, 4])
            let selected = own.filter { $0["isSelected"] == true }
            #expect(selected.count == 1 && selected.first?["loss"] == objective)
        }
        #expect(
            result["threshold"]
                == [
                    "metric": "loss", "required": 1000, "reached": history.last?["objective"] ?? nil, "met": true,
                ])
        #expect(result["prunedLayers"] == ["conv_1", "norm_1", "conv_2", "fc_1"])
    }

    @Test func `a threshold that the network does not meet to begin with ends with status 3`() throws {
        let outcome = try TinyProject().run(Self.pruning("ValidationThreshold: 0, epochs: 1"))
        #expect(outcome.summary.exitStatus == .requirementNotMet)
        let result = try #require(outcome.result("prune"))
        #expect(result["stopReason"] == "validation threshold broken before pruning")
        #expect(result.value(at: "threshold.met") == false && result["prunedLayers"] == [])
        #expect(result["network"] == outcome.result("train")?["network"])
    }

    @Test func `a file of a projected network is refused, and unpacking is the remedy`() throws {
        let project = try TinyProject()
        try project.run(
            Self.pruning("goal: {totalParameters: 140}").replacing(
                "- prune: {goal: {totalParameters: 140}}", with: "- project: {LearnablesReductionGoal: 0.3}"))
        let folder = URL(filePath: project.folder.path)
        try FileManager.default.copyItem(
            at: folder.appending(path: "run/network.safetensors"), to: folder.appending(path: "projected.safetensors"))
        let faults = try project.faults(
            """
            version: 1
            name: prune
            stages:
              - load: {network: projected.safetensors, data: data}
              - prune

            """)
        #expect(faults.contains("unpack"), "\(faults)")
    }
}
