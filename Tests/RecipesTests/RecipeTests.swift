import Diagnostics
import Documents
import Recipes
import Testing

@Suite struct RecipeTests {
    static let road = """
        version: 1
        name: road-damage
        description: Compress the road-damage classifier.
        seed: 7
        budget:
          reduction: 75.85 %
        x-anything: &retrain {solver: sgdm, MaxEpochs: 60}
        stages:
          - load:
              network: networks/road-damage.safetensors
              channels: [z]
          - prune:
              MaxToPrune: 2
              goal: budget
              retrain: *retrain
          - project:
              LayerNames: [conv1d_*, fc_1]
              goal: {memory: 1.5 KiB}
              retrain: {<<: *retrain, InitialLearnRate: 1e-2}
          - project:
              id: wide
              needs: prune
              ExplainedVarianceGoal: 95 %
          - evaluate:
              needs: [load, wide, project]
              require: {accuracy: ">=load - 1 points", memory: "<= 0.5 KiB"}
              against: load
          - evaluate: {id: plain}
        sweep:
          parameters:
            budget.pruningFraction: [0, 0.25, 50 %]
            prune.MaxToPrune: [1, 2]
            project.goal.memory: [1 KiB]
          objective: {maximize: evaluate.accuracy, subjectTo: {evaluate.memory: "<= 0.5 KiB"}}
        """

    @Test func `A whole recipe has every value in canonical form, defaults filled in`() throws {
        let (read, faults) = SampleKinds.read(Self.road)
        #expect(faults.isEmpty)
        let recipe = try #require(read)
        #expect(recipe.name == "road-damage")
        #expect(recipe.description == "Compress the road-damage classifier.")
        #expect(recipe.seed == 7)
        #expect(recipe.budget?.goals(totalParameters: 1586).prune == 984)
        #expect(recipe.stages.map(\.id) == ["load", "prune", "project", "wide", "evaluate", "plain"])
        #expect(recipe.stages.map(\.kind) == ["load", "prune", "project", "project", "evaluate", "evaluate"])
        #expect(
            recipe.stages.map(\.needs)
                == [[], ["load"], ["prune"], ["prune"], ["load", "wide", "project"], ["evaluate"]])
        #expect(recipe.order == [0, 1, 2, 3, 4, 5])
        #expect(recipe["evaluate"]?.references == ["against": "load", "require.accuracy": "load"])
        #expect(
            recipe.stages.map(\.options.value.canonicalText) == [
                #"{"channels":["z"],"network":"networks/road-damage.safetensors"}"#,
                #"{"MaxToPrune":2,"criterion":"taylor","goal":"budget","minimumFraction":0.2,"retrain":{"#
                    + #""InitialLearnRate":0.001,"MaxEpochs":60,"MiniBatchSize":32,"solver":"sgdm"}}"#,
                #"{"LayerNames":["conv1d_*","fc_1"],"goal":{"memory":1536},"retrain":{"InitialLearnRate":0.01,"#
                    + #""MaxEpochs":60,"MiniBatchSize":32,"solver":"sgdm"}}"#,
                #"{"ExplainedVarianceGoal":0.95,"LayerNames":["*"]}"#,
                #"{"against":"load","metrics":["accuracy"],"require":{"accuracy":">= load - 1 points","#
                    + #""memory":"<= 0.5 KiB"},"verbose":false}"#,
                #"{"metrics":["accuracy"],"verbose":false}"#,
            ])
    }

    @Test func `Every part of a stage knows where it was written`() throws {
        let prune = try #require(SampleKinds.read(Self.road).recipe?["prune"])
        #expect(prune.kindSpan.start == SourcePosition(line: 12, column: 5))
        #expect(prune.options.keySpan(at: "MaxToPrune")?.start == SourcePosition(line: 13, column: 7))
        #expect(prune.options.span(at: "MaxToPrune")?.start == SourcePosition(line: 13, column: 19))
        #expect(prune.options.span(at: "retrain.solver")?.start == SourcePosition(line: 7, column: 31))
        #expect(prune.options.isWritten("retrain.solver"))
        #expect(!prune.options.isWritten("retrain.MiniBatchSize"))
        // What was filled in stands where the mapping around it stands.
        #expect(prune.options.span(at: "retrain.MiniBatchSize")?.start == SourcePosition(line: 15, column: 16))
        #expect(prune.options.span(at: "criterion")?.start == SourcePosition(line: 13, column: 7))
    }

    @Test func `A stage may name one that stands after it; the order then differs from the file`() throws {
        let (recipe, faults) = SampleKinds.read(
            SampleKinds.recipe(
                """
                  - evaluate: {needs: prune}
                  - prune: {needs: load, goal: budget}
                  - load: {needs: [], network: a}
                  - evaluate:
                      id: last
                """))
        #expect(faults.isEmpty)
        #expect(recipe?.order == [2, 1, 0, 3])
        #expect(recipe?["last"]?.needs == ["load"])
    }

    @Test func `A kind without options is enough`() throws {
        let recipe = try #require(
            SampleKinds.read(SampleKinds.recipe("  - evaluate\n  - evaluate:\n      id: b\n")).recipe)
        #expect(recipe.stages.map(\.id) == ["evaluate", "b"])
        #expect(recipe.seed == 0)
        #expect(recipe.budget == nil)
    }

    // MARK: - Overrides

    @Test(
        arguments: [
            ("prune.MaxToPrune=4", "prune", "MaxToPrune", "4"),
            ("load.channels=[x, z]", "load", "channels", #"["x","z"]"#),
            ("prune.retrain.MaxEpochs=3", "prune", "retrain.MaxEpochs", "3"),
            ("prune.goal.totalParameters=900", "prune", "goal", #"{"totalParameters":900}"#),
            ("wide.ExplainedVarianceGoal=50 %", "wide", "ExplainedVarianceGoal", "0.5"),
            ("plain.verbose=true", "plain", "verbose", "true"),
        ])
    func `An override sets any option of a stage`(set: String, stage: String, path: String, json: String) {
        let (recipe, faults) = SampleKinds.read(Self.road, set: [set])
        #expect(faults.isEmpty)
        #expect(recipe?[stage]?.options[path]?.canonicalText == json)
        #expect(recipe?[stage]?.options.span(at: path)?.file.name == "--set")
    }

    @Test func `An override leaves what shares its anchor alone, and the last one wins`() {
        let (recipe, faults) = SampleKinds.read(
            Self.road,
            set: ["prune.retrain.MaxEpochs=3", "prune.retrain.MaxEpochs=4", "seed=3", "budget.pruningFraction=1"])
        #expect(faults.isEmpty)
        #expect(recipe?["prune"]?.options["retrain.MaxEpochs"] == 4)
        #expect(recipe?["project"]?.options["retrain.MaxEpochs"] == 60)
        #expect(recipe?.seed == 3)
        #expect(recipe?.budget?.goals(totalParameters: 1586).prune == 383)
    }

    @Test func `An override gives options to a stage that had none`() {
        let (recipe, faults) = SampleKinds.read(SampleKinds.recipe("  - evaluate\n"), set: ["evaluate.verbose=true"])
        #expect(faults.isEmpty)
        #expect(recipe?["evaluate"]?.options["verbose"] == true)
    }
}
