import Checkpoints
import Documents
import Execution
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct StageRunTests {
    @Test func `a training that diverges offers a smaller learn rate, where it stands`() throws {
        let outcome = try TinyProject().run(TinyProject.recipe, ["prune.finetune.InitialLearnRate=1e30"])
        let report = try #require(outcome.summary.stages.first { $0.stage.id == "prune" })
        #expect(report.status == .failed)
        #expect(report.settings == ["finetune.InitialLearnRate=1e+29"])
    }

    @Test func `a chain of every stage compresses and measures`() throws {
        let outcome = try TinyProject().run()
        #expect(outcome.summary.exitStatus == .done)
        #expect(outcome.statuses == Array(repeating: .ran, count: 7))
        #expect(outcome.result("prune")?.value(at: "goal.met") == true)
        #expect(outcome.result("project")?.value(at: "goal.met") == true)
        let rows = try #require(outcome.result("evaluate")?["rows"]?.elements)
        let sizes = rows.compactMap { $0.value(at: "network.memoryBytes")?.whole }
        #expect(sizes == sizes.sorted(by: >) && Set(sizes).count == 4)
        let counts = try #require(outcome.result("evaluate")?.value(at: "confusion.counts")?.elements)
        #expect(counts.compactMap(\.elements).flatMap { $0 }.compactMap(\.whole).reduce(0, +) == 12)
    }

    @Test func `threads and jobs change no byte`() throws {
        let project = try TinyProject()
        let one = try project.run(store: "one", output: "run-one")
        let three = try project.run(store: "three", output: "run-three", threads: 3, jobs: 3)
        #expect(one.bytes.count == 8)
        #expect(one.bytes == three.bytes)
    }

    /// The process dies at a change of a file: between and inside stages, as every epoch leaves a checkpoint.
    @Test(arguments: 0..<8)
    func `stopped anywhere and run again, it ends in the same bytes`(offset: Int) throws {
        let project = try TinyProject()
        let counter = FaultyFileSystem()
        let quiet = try project.run(store: "quiet", output: "quiet-run", files: counter)
        #expect(counter.changeCount > 60)
        for turn in stride(from: 3 + offset, to: counter.changeCount, by: 8) {
            let store = "store-\(turn)"
            let fault: FaultyFileSystem.Fault = turn.isMultiple(of: 2) ? .tears : .stops
            let stopped = try? project.run(store: store, files: FaultyFileSystem(fault, atChange: turn))
            if let stopped { #expect(stopped.summary.exitStatus == .failed, "stopped at change \(turn)") }
            let resumed = try project.run(store: store)
            #expect(resumed.bytes == quiet.bytes, "stopped at change \(turn)")
        }
    }

    @Test func `what changes runs, with what follows, and nothing else`() throws {
        let project = try TinyProject()
        try project.run()
        func reasons(_ overrides: [String]) throws -> [String] {
            try project.plan(TinyProject.recipe, overrides).decisions.map(\.description)
        }
        #expect(try reasons([]) == Array(repeating: "reused", count: 7))
        #expect(
            try reasons(["evaluate.require={memory: <= 2 KiB}"]) == Array(repeating: "reused", count: 6) + [
                #"runs: option require.memory changed from "<= 1 KiB" to "<= 2 KiB""#
            ])
        #expect(
            try reasons(["project.retrain.MaxEpochs=3"]) == [
                "reused", "reused", "reused", "reused", "runs: option retrain.MaxEpochs changed from 2 to 3",
                "runs: needs project, which runs", "runs: needs project, which runs",
            ])
        // The budget enters the keys as the goals it comes to.
        #expect(
            try reasons(["budget.totalParameters=69"]).contains(
                "runs: option goal.totalParameters changed from 70 to 69"))
        #expect(try reasons(["seed=6"]).first == "runs: seed changed from 5 to 6")

        let data = try String(contentsOfFile: project.folder.path + "/data/train.ts", encoding: .utf8)
        try project.write("data/train.ts", data + "\n")
        #expect(try reasons([]).first == "runs: content of data.train.ts changed")
    }

    @Test(arguments: [("0", "prune"), ("1", "project")])
    func `the stage without a share of the budget leaves the network as it is`(fraction: String, idle: String) throws {
        let outcome = try TinyProject().run(TinyProject.recipe, ["budget.pruningFraction=\(fraction)"])
        #expect(outcome.summary.exitStatus == .done)
        let before = outcome.result(idle == "prune" ? "train" : "prune")?["network"]
        #expect(outcome.result(idle)?["network"] == before)
        #expect(outcome.result(idle)?.value(at: "goal.met") == true)
    }

    @Test func `two quantizations of one projection share everything before them`() throws {
        let recipe = TinyProject.recipe.replacing(
            "  - evaluate:\n      needs: [train, prune, project, quantize]",
            with: """
                  - quantize: {id: affine, needs: project, scaling: affine}
                  - evaluate:
                      needs: [project, quantize, affine]
                """)
        let outcome = try TinyProject().run(recipe, jobs: 2)
        #expect(outcome.summary.exitStatus == .done)
        let rows = try #require(outcome.result("evaluate")?["rows"]?.elements)
        #expect(rows.compactMap { $0["need"]?.text } == ["project", "quantize", "affine"])
        #expect(rows[1].value(at: "network.memoryBytes") != rows[2].value(at: "network.memoryBytes"))
    }

    @Test func `two goals of one projection share its principal components`() throws {
        let recipe = """
            version: 1
            name: goals
            stages:
              - load: {network: network.yaml, data: data}
              - train: {MaxEpochs: 2, MiniBatchSize: 8}
              - project: {ExplainedVarianceGoal: 0.8}
              - project: {id: small, needs: train, LearnablesReductionGoal: 0.3}

            """
        let project = try TinyProject()
        let outcome = try project.run(recipe)
        #expect(
            outcome.summary.stages.map(\.stage.id) == ["load", "train", "project.pca", "project", "small.pca", "small"])
        #expect(outcome.summary.stages.map(\.stage.kind)[2] == "pca")
        #expect(
            outcome.bytes.keys.filter { $0.hasPrefix("03") || $0.hasPrefix("04") }.sorted() == [
                "03-project.json", "03-project.pca.json", "04-small.json", "04-small.pca.json",
            ])
        #expect(outcome.statuses == [.ran, .ran, .ran, .ran, .reused, .ran])
        let layers = try #require(outcome.result("project.pca")?["layers"]?.elements)
        let curve = try #require(layers.first?.value(at: "output.explainedVariance")?.elements).compactMap(\.double)
        #expect(curve == curve.sorted())
        #expect(try #require(curve.last) > 0.999)
        let changed = try project.plan(recipe.replacing("Goal: 0.3", with: "Goal: 0.4")).decisions.map(\.description)
        #expect(
            changed == Array(repeating: "reused", count: 5) + [
                "runs: option LearnablesReductionGoal changed from 0.3 to 0.4"
            ])
        let others = try project.plan(recipe.replacing("0.3}", with: "0.3, LayerNames: fc_1}")).decisions
        #expect(others[4].isMade && others[2] == .reuse)
    }

    @Test func `ranks by hand and by loss stand in the artifact, and unpack makes plain layers`() throws {
        let recipe = """
            version: 1
            name: ranks
            stages:
              - load: {network: network.yaml, data: data}
              - train: {MaxEpochs: 2, MiniBatchSize: 8}
              - project: {LearnablesReductionGoal: 0.3, selection: loss, selectionNetworks: 9}
              - project: {id: same, needs: train, ranks: project}
              - project: {id: one, needs: train, ranks: project, LayerNames: "fc_*"}
              - project: {id: hand, needs: train, ranks: {fc_1: 1}}
              - unpack
              - prune: {MaxToPrune: 1, epochs: 1, goal: {reduction: 40 %}}

            """
        let outcome = try TinyProject().run(recipe)
        let search = try #require(outcome.result("project")?["selection"])
        #expect(search["networks"]?.whole.map { $0 <= 9 } == true)
        let (loss, byVariance) = (search["loss"]?.double, search["lossByVariance"]?.double)
        #expect(try #require(loss) <= (try #require(byVariance)))
        #expect(outcome.result("project")?["outcome"] == "goal met")
        #expect(outcome.result("same")?["layers"] == outcome.result("project")?["layers"])
        let selected = outcome.result("project")?["layers"]?.elements?.filter {
            $0["name"]?.text?.hasPrefix("fc_") == true
        }
        #expect(outcome.result("one")?["layers"]?.elements == selected && selected?.isEmpty == false)
        let rows = try #require(outcome.result("hand")?["layers"]?.elements)
        #expect(rows.compactMap { $0["inputRank"]?.whole } == [1])
        for count in ["network.learnables", "network.memoryBytes", "network.macs"] {
            #expect(outcome.result("unpack")?.value(at: count) == outcome.result("hand")?.value(at: count))
        }
        #expect(outcome.status("prune") == .ran)
    }

    @Test func `a stage reads through evaluate, and an unpacked projection is pruned again`() throws {
        let recipe = """
            version: 1
            name: again
            stages:
              - load: {network: network.yaml, data: data}
              - train: {MaxEpochs: 2, MiniBatchSize: 8}
              - evaluate: {id: before}
              - project: {ExplainedVarianceGoal: 0.8, UnpackProjectedLayers: true}
              - evaluate: {id: between}
              - prune: {MaxToPrune: 1, epochs: 1, LayerNames: "*proj_out", goal: {reduction: 40 %}}

            """
        let outcome = try TinyProject().run(recipe)
        #expect(outcome.status("prune") == .ran)
        let reads = outcome.summary.stages.first { $0.stage.id == "prune" }?.record?.ingredients["reads"]?.elements
        let project = outcome.summary.stages.first { $0.stage.id == "project" }?.stage.key.description
        #expect(reads?.first?["key"]?.text == project)
    }
}

// MARK: - Failures

extension StageRunTests {
    @Test(arguments: [
        ("1,2,3:1,2,3,4,5,6,7,8,9,10,11,12:still", "train.ts:5: channel 'x' has 3 values; expected 12 steps"),
        (
            "1,2,x,4,5,6,7,8,9,10,11,12:1,2,3,4,5,6,7,8,9,10,11,12:still",
            "train.ts:5: channel 'x', value 3 is 'x'; expected a number"
        ),
    ])
    func `a damaged row of data is found before anything runs`(row: String, message: String) throws {
        let project = try TinyProject()
        try project.write(
            "data/train.ts", "@dimensions 2\n@seriesLength 12\n@classLabel true still moving\n@data\n\(row)\n")
        #expect(
            try project.faults() == """
                recipe.yaml:6:41: error: data set 'tiny': \(message) [data-invalid]
                6 |   - load: {network: network.yaml, data: data}
                  |                                         ^~~~
                1 error

                """)
    }

    @Test func `a diverging training fails with a remedy, and nothing of it is stored`() throws {
        let project = try TinyProject()
        let options = ["train.InitialLearnRate=1e38", "train.solver=sgdm"]
        let outcome = try project.run(TinyProject.recipe, options)
        #expect(outcome.summary.exitStatus == .failed)
        let message = try #require(outcome.message("train"))
        #expect(message.contains("try a smaller InitialLearnRate than 1e+38"), "\(message)")
        let decisions = try project.plan(TinyProject.recipe, options).decisions
        #expect(decisions[0] == .reuse && decisions[1].isMade)
    }
}
