import Documents
import Execution
import Foundation
import TestSupport
import Testing

/// What `evaluate` measures beside the metrics: sizes, other data, an earlier network.
@Suite struct EvaluateTests {
    private static let recipe = """
        version: 1
        name: measured
        seed: 5
        stages:
          - load: {network: network.yaml, data: data}
          - train: {MaxEpochs: 4, MiniBatchSize: 8, InitialLearnRate: 0.02}
          - prune: {MaxToPrune: 1, epochs: 1, goal: {totalParameters: 110}, finetune: {MiniBatchSize: 8}}
          - project: {ExplainedVarianceGoal: 0.8}
          - train: {id: control, initialize: true, MaxEpochs: 4, MiniBatchSize: 8, InitialLearnRate: 0.02}
          - quantize: {needs: project}
          - evaluate: {needs: [project, control, quantize], against: train, metrics: [accuracy, loss]}

        """

    private static func number(_ value: JSONValue?, _ path: String) throws -> Double {
        try #require(value?.value(at: path)?.double, "\(path)")
    }

    @Test func `the last network is compared with an earlier one, figure by figure`() throws {
        let outcome = try TinyProject().run(Self.recipe)
        #expect(outcome.statuses.allSatisfy { $0 == .ran }, "\(outcome.summary.stages.compactMap(\.message))")
        let result = try #require(outcome.result("evaluate"))
        let comparison = try #require(result["comparison"])
        let (train, quantize) = (outcome.result("train"), outcome.result("quantize"))
        #expect(comparison["against"] == "train")
        for (size, member) in [
            ("memory", "memoryBytes"), ("activationMemory", "activationMemoryBytes"), ("macs", "macs"),
            ("totalParameters", "totalParameters"), ("learnables", "learnables"),
        ] {
            let from = try Self.number(train, "network.\(member)")
            let to = try Self.number(quantize, "network.\(member)")
            #expect(try Self.number(comparison, "sizes.\(size).from") == from)
            #expect(try Self.number(comparison, "sizes.\(size).to") == to)
            #expect(try Self.number(comparison, "sizes.\(size).ratio") == to / from)
        }
        // Int8 values take a quarter, and no more of them live at a time.
        #expect(try Self.number(comparison, "sizes.activationMemory.ratio") <= 0.25)
        let (before, after) = (
            try Self.number(comparison, "metrics.accuracy.from"), try Self.number(comparison, "metrics.accuracy.to")
        )
        #expect(try Self.number(comparison, "metrics.accuracy.difference") == after - before)
        let rows = try #require(result["rows"]?.elements)
        #expect(try Self.number(rows.last, "metrics.accuracy.value") == after)
        // The layers add up to the whole.
        let layers = try #require(comparison["layers"]?.elements)
        let bytes = try layers.map { try Self.number($0, "memoryBytes.to") }.reduce(0, +)
        #expect(bytes == (try Self.number(quantize, "network.memoryBytes")))
        let loaded = outcome.result("load")?.value(at: "network.layers")?.elements ?? []
        // Those that projection made and `quantize` unpacked come last.
        let names = loaded.map { $0["name"]?.text }
        #expect(layers.prefix(names.count).map { $0["name"]?.text } == names)
        let file = try #require(outcome.bytes["network.safetensors"])
        #expect(try Self.number(rows.last, "fileBytes") == Double(file.count))
    }

    @Test func `the control has the compressed architecture and weights of its own`() throws {
        let project = try TinyProject()
        for unpacks in [false, true] {
            let recipe = Self.recipe.replacing("Goal: 0.8}", with: "Goal: 0.8, UnpackProjectedLayers: \(unpacks)}")
            let outcome = try project.run(recipe, store: "store", output: "run-\(unpacks)")
            #expect(outcome.statuses.allSatisfy { $0 == .ran || $0 == .reused })
            let (made, control) = (outcome.result("project"), outcome.result("control"))
            #expect(made?["network"] == control?["network"])
            let isProjected = made?.value(at: "network.layers")?.elements?.contains { $0["projectedFrom"] != nil }
            #expect(isProjected == !unpacks)
            // It learned: from weights of its own to less than a coin's loss.
            let epochs = control?.value(at: "training.epochs")?.elements ?? []
            #expect(epochs.count == 4)
            #expect(try Self.number(epochs.last, "loss") < Self.number(epochs.first, "loss"))
        }
        let pruned = Self.recipe.replacing("{id: control, initialize", with: "{id: control, needs: prune, initialize")
        let outcome = try project.run(pruned, output: "pruned")
        #expect(outcome.result("control")?["network"] == outcome.result("prune")?["network"])
        #expect(outcome.result("control")?["training"] != outcome.result("train")?["training"])
    }

    @Test func `a network is measured on other data of its kind`() throws {
        let project = try TinyProject()
        try FileManager.default.copyItem(atPath: project.folder.path + "/data", toPath: project.folder.path + "/field")
        try project.write("field/test.ts", TinyProject.cases(20, seed: 9))
        let recipe = Self.recipe.replacing("against: train", with: "data: field")
        let outcome = try project.run(recipe)
        let row = try #require(outcome.result("evaluate")?["rows"]?.elements?.first)
        #expect(try Self.number(row, "metrics.accuracy.count") == 20)
        try project.write("field/test.ts", TinyProject.cases(20, seed: 10))
        #expect(try project.run(recipe, output: "again").statuses.map(\.rawValue).last == "ran")
        try project.write(
            "field/dataset.yaml",
            String(contentsOfFile: project.folder.path + "/data/dataset.yaml", encoding: .utf8)
                .replacing("still, moving", with: "moving, still"))
        #expect(
            try project.faults(recipe).contains(
                "error: the classes of the data are moving, still, and those of load's still, moving [data-mismatch]"))
    }

    @Test func `a requirement may name a stage that changes no network`() throws {
        let recipe = Self.recipe.replacing(
            "  - evaluate: {needs: [project, control, quantize], against: train, metrics: [accuracy, loss]}",
            with: """
                  - analyze: {id: look, needs: train}
                  - evaluate: {needs: quantize, require: {macs: "<= look"}}
                """)
        let outcome = try TinyProject().run(recipe)
        let requirement = try #require(outcome.result("evaluate")?["requirements"]?.elements?.first)
        #expect(requirement["bound"] == outcome.result("train")?.value(at: "network.macs"))
    }

    @Test(arguments: [(">= 0.5", JSONValue.number(0.5)), (">= train - 1 points", .null)])
    func `activation memory is gated, and a metric that is not defined says why`(
        auc: String, bound: JSONValue
    ) throws {
        let project = try TinyProject()
        let gate = """
            {needs: quantize, require: {activationMemory: "<= 100 B", auc: "\(auc)", macs: "<= train"}}
            """
        let recipe = Self.recipe.replacing(
            "{needs: [project, control, quantize], against: train, metrics: [accuracy, loss]}", with: gate)
        let lines = TinyProject.cases(12, seed: 2).split(separator: "\n").filter { !$0.hasSuffix(":still") }
        try project.write("data/test.ts", lines.joined(separator: "\n") + "\n")
        let requirements = try #require(try project.run(recipe).result("evaluate")?["requirements"]?.elements)
        let rows = Dictionary(uniqueKeysWithValues: requirements.map { ($0["metric"]?.text ?? "", $0) })
        #expect(rows["activationMemory"]?["met"] == true && rows["macs"]?["met"] == true)
        #expect(rows["auc"]?["met"] == false && rows["auc"]?["bound"] == bound)
        #expect(rows["auc"]?["reason"] == "not defined: the examples are of one class")
    }
}
