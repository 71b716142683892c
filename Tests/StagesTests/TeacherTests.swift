import Documents
import Execution
import Planning
import Stages
import Testing

/// Stages whose training has a teacher.
@Suite struct TeacherTests {
    private static let recipe = """
        version: 1
        name: taught
        seed: 5
        stages:
          - load: {network: network.yaml, data: data}
          - train: {MaxEpochs: 4, MiniBatchSize: 8, InitialLearnRate: 0.02}
          - prune:
              MaxToPrune: 1
              epochs: 1
              goal: {totalParameters: 110}
              finetune: {MiniBatchSize: 8, teacher: train}
              retrain: {MaxEpochs: 2, MiniBatchSize: 8, teacher: train, alpha: 0.8}
          - project: {ExplainedVarianceGoal: 0.9, retrain: {MaxEpochs: 1, teacher: train, temperature: 2}}
          - distill: {MaxEpochs: 2, MiniBatchSize: 8, teacher: train}
          - evaluate: {needs: [train, distill]}

        """

    @Test func `every training of a recipe can have a teacher`() throws {
        let project = try TinyProject()
        let outcome = try project.run(Self.recipe)
        #expect(outcome.statuses == Array(repeating: .ran, count: 7), "\(outcome.statuses)")
        let plain = try project.run(
            Self.recipe.replacing(", teacher: train, alpha: 0.8", with: ""), store: "plain", output: "plain")
        #expect(outcome.result("prune")?["history"] == plain.result("prune")?["history"])
        #expect(outcome.result("prune")?["retrain"] != plain.result("prune")?["retrain"])
        let again = try project.run(Self.recipe, store: "second", output: "again", threads: 2)
        #expect(again.bytes == outcome.bytes)
    }

    @Test func `the options show what was filled in, and only with a teacher`() throws {
        let project = try TinyProject()
        let stages = try project.resolve(Self.recipe).stages.stages
        func option(_ path: String, of stage: String) -> String? {
            stages.first { $0.id == stage }?.options.value(at: path)?.canonicalText
        }
        #expect(option("finetune.temperature", of: "prune") == "4" && option("finetune.alpha", of: "prune") == "0.5")
        #expect(option("retrain.alpha", of: "prune") == "0.8" && option("retrain.temperature", of: "project") == "2")
        #expect(option("alpha", of: "train") == nil && option("temperature", of: "train") == nil)
    }

    @Test func `a teacher is an edge of the graph, whatever its name`() throws {
        let project = try TinyProject()
        func node(_ recipe: String, _ overrides: [String] = []) throws -> StageGraph.Node {
            let graph = StageGraph([try project.resolve(recipe, overrides).stages])
            return try #require(graph.nodes.first { $0.specification.id == "distill" })
        }
        let distill = try node(Self.recipe)
        #expect(distill.specification.reads.map(\.role) == ["network", "teacher"])
        #expect(distill.dependencies == [1, 4])
        let renamed = Self.recipe.replacing("- train: {", with: "- train: {id: first, ")
            .replacing("teacher: train", with: "teacher: first").replacing("[train,", with: "[first,")
        #expect(try node(renamed).key == distill.key)
        // Another teacher that the network itself does not come from.
        let apart = Self.recipe.replacing(
            "- distill: {", with: "- train: {id: apart, needs: load}\n  - distill: {needs: project, ")
        let by = apart.replacing("teacher: train}", with: "teacher: apart}")
        #expect(try node(by).key != node(apart).key)
        #expect(try node(by, ["apart.MaxEpochs=3"]).key != node(by).key)
    }
}
