import Execution
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct StageInterruptionTests {
    /// Every stage that may be long, in small.
    private static let long = """
        version: 1
        name: long
        seed: 5
        stages:
          - load: {network: network.yaml, data: data}
          - train: {MaxEpochs: 2, MiniBatchSize: 8, InitialLearnRate: 0.02}
          - project:
              goal: {reduction: 20 %}
              selection: loss
              selectionEpochs: 1
              selectionNetworks: 6
              retrain: {MaxEpochs: 1, MiniBatchSize: 8}
          - distill: {teacher: train, MaxEpochs: 1, MiniBatchSize: 8}
          - sparsify: {criterion: synflow, sparsity: 50 %, retrain: {MaxEpochs: 1, MiniBatchSize: 8}}
          - quantize:
              repair: [adaRound, biasCorrection, finetune]
              adaRound: {iterations: 20}
              finetune: {MaxEpochs: 1, MiniBatchSize: 8}
          - evaluate: {needs: [train, project, sparsify, quantize], metrics: [accuracy, loss]}

        """

    /// SIGINT arrives while a checkpoint is saved: each long stage is stopped at every one of its own.
    @Test(
        arguments: [
            (TinyProject.recipe, 8, ["train", "prune", "project", "evaluate"]),
            (long, 25, ["train", "project", "distill", "sparsify", "quantize", "evaluate"]),
        ])
    func `cancelled at any checkpoint and run again, it ends in the same bytes`(
        recipe: String, least: Int, stages: [String]
    ) throws {
        let project = try TinyProject()
        let quiet = WatchedFileSystem()
        let expected = try project.run(recipe, store: "quiet", output: "quiet-run", files: quiet)
        #expect(expected.summary.exitStatus == .done, "\(expected.summary.stages.compactMap(\.message))")
        let saves = quiet.saves
        #expect(saves >= least)

        var stopped: Set<String> = []
        for turn in 1...saves {
            let store = "store-\(turn)"
            let token = CancellationToken()
            let files = WatchedFileSystem { if $0 == turn { token.cancel(.interrupted) } }
            let first = try project.run(recipe, store: store, files: files, cancellation: token)
            #expect(first.summary.exitStatus == .interrupted, "cancelled at checkpoint \(turn)")
            #expect(!first.statuses.contains(.failed), "cancelled at checkpoint \(turn)")
            for report in first.summary.stages where report.status == .interrupted {
                stopped.insert(report.stage.id)
                let decision = try project.plan(recipe, store: store).decisions[report.stage.index]
                #expect(decision == .run(.interrupted), "cancelled at checkpoint \(turn)")
            }
            let resumed = try project.run(recipe, store: store, threads: 2)
            #expect(resumed.summary.exitStatus == .done, "cancelled at checkpoint \(turn)")
            #expect(resumed.bytes == expected.bytes, "cancelled at checkpoint \(turn)")
        }
        #expect(stopped == Set(stages))
    }
}
