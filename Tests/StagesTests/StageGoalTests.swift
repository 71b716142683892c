import Diagnostics
import Documents
import Execution
import Foundation
import Planning
import Recipes
import Stages
import Testing

@Suite struct StageGoalTests {
    private static func projecting(_ options: String) -> String {
        """
        version: 1
        name: project
        stages:
          - load: {network: network.yaml, data: data}
          - train: {MaxEpochs: 2, MiniBatchSize: 8}
          - project: {\(options)}

        """
    }

    @Test func `a reduction of the learnables is reached, and said in the artifact`() throws {
        let outcome = try TinyProject().run(Self.projecting("LearnablesReductionGoal: 0.3"))
        #expect(outcome.summary.exitStatus == .done)
        let goal = try #require(outcome.result("project")?["goal"])
        #expect(goal["requested"]?.double == 0.3 && goal["met"] == true)
        let counts = try ["train", "project"].map {
            try #require(outcome.result($0)?.value(at: "network.learnables")?.double)
        }
        let reached = try #require(goal["reached"]?.double)
        #expect(reached == 1 - counts[1] / counts[0] && reached >= 0.3)
    }

    @Test func `a reduction that the structure does not allow ends with status 3 and the smallest network`() throws {
        let outcome = try TinyProject().run(Self.projecting("LearnablesReductionGoal: 0.99"))
        #expect(outcome.summary.exitStatus == .requirementNotMet)
        let goal = try #require(outcome.result("project")?["goal"])
        #expect(goal["requested"]?.double == 0.99 && goal["met"] == false)
        #expect(try #require(goal["reached"]?.double) < 0.99)
    }

    @Test(arguments: [0.5, 0.9, 1])
    func `a projection keeps the share of the variance that is asked for`(share: Double) throws {
        let outcome = try TinyProject().run(Self.projecting("ExplainedVarianceGoal: \(share)"))
        #expect(outcome.summary.exitStatus == .done)
        #expect(outcome.result("project")?["goal"] == nil)
        let layers = try #require(outcome.result("project")?["layers"]?.elements)
        #expect(!layers.isEmpty)
        for layer in layers {
            #expect(try #require(layer["explainedVariance"]?.double) >= share - 1e-9, "\(layer.canonicalText)")
        }
    }

    @Test(arguments: [
        ("totalParameters: 70", "totalParameters", 70), ("reduction: 20 %", "totalParameters", 112),
        ("memory: 300 B", "memory", 300), ("learnables: 60", "learnables", 60),
        ("multiplyAccumulates: 400", "multiplyAccumulates", 400),
    ])
    func `a goal of a pruning is reached, and said in its own measure`(
        goal: String, measure: String, requested: Int
    ) throws {
        let text = """
            version: 1
            name: prune
            stages:
              - load: {network: network.yaml, data: data}
              - train: {MaxEpochs: 1, MiniBatchSize: 8}
              - prune: {goal: {\(goal)}, MaxToPrune: 1, epochs: 1}

            """
        let outcome = try TinyProject().run(text)
        #expect(outcome.summary.exitStatus == .done)
        let result = try #require(outcome.result("prune"))
        let goal = try #require(result["goal"])
        #expect(goal["measure"]?.text == measure && goal["requested"]?.whole == requested && goal["met"] == true)
        let paths = ["memory": "totalParameters", "multiplyAccumulates": "macs"]
        let count = try #require(result.value(at: "network.\(paths[measure] ?? measure)")?.whole)
        #expect(goal["reached"]?.whole == (measure == "memory" ? 4 * count : count))
        #expect(try #require(goal["reached"]?.whole) <= requested)
    }

    @Test(arguments: [
        ("learnables: 9", "9 learnables: the structure allows 39 at the least"),
        ("multiplyAccumulates: 9", "9 multiply-accumulates: the structure allows 138 at the least"),
    ])
    func `a goal below what the structure allows is refused in its own measure`(goal: String, fault: String) throws {
        let text = """
            version: 1
            name: prune
            stages:
              - load: {network: network.yaml, data: data}
              - train
              - prune: {goal: {\(goal)}}

            """
        let faults = try TinyProject().faults(text)
        #expect(faults.contains("stage 'prune' cannot reach \(fault)"), "\(faults)")
    }

    /// The worked example: 1,586 parameters of the shipped architecture, and what budgets of it come to.
    @Test(arguments: [
        ("totalParameters: 383", 984, 383), ("memory: 1.5 KiB", 985, 384), ("reduction: 75.85 %", 984, 383),
    ])
    func `a budget of the road network comes to the goals of the worked example`(
        budget: String, prune: Int, project: Int
    ) throws {
        let text = """
            version: 1
            name: road
            budget: {\(budget), pruningFraction: 0.5}
            stages:
              - load: {network: networks/road-damage.yaml, data: ../datasets/road-surface-quality, channels: z}
              - train
              - prune: {goal: budget}
              - project: {goal: budget}

            """
        var diagnostics = DiagnosticList()
        let file = DiagnosticsPageTests.root.appending(path: "pipelines/golden.yaml").path
        let recipe = try #require(
            Recipe.read(file: SourceFile(name: file, text: text), kinds: StageKinds.schemas, into: &diagnostics))
        let resolved = try #require(ResolvedRecipe.resolve(recipe, into: &diagnostics))
        let goals = resolved.stages.stages.compactMap { $0.options.value(at: "goal.totalParameters")?.whole }
        #expect(goals == [prune, project])
    }
}
