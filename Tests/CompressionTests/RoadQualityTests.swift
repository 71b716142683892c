import Compression
import Datasets
import Foundation
import Kernels
import Networks
import TestSupport
import Testing
import Training

/// Pruning and projection of the road network on the data set that is shipped, as the recipe does it.
@Suite struct RoadQualityTests {
    private let splits: DataSplits
    private let pool = WorkerPool(threads: 2)

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "datasets/road-surface-quality")
        let description = DatasetDescription(
            name: "road-surface-quality", task: .classification(classes: ["good", "bad"]),
            input: .sequence(channels: ["x", "y", "z"], steps: 200), train: .init(["RoadSurfaceQuality_TRAIN.ts"]),
            test: .files(.init(["RoadSurfaceQuality_TEST.ts"])))
        splits = try DataSplits(reading: description, in: DataFolder(folder.path), channels: ["z"], seed: 7)
    }

    private func options(epochs: Int) -> TrainingOptions {
        var options = TrainingOptions()
        options.initialLearnRate = 0.01
        options.maxEpochs = epochs
        options.miniBatchSize = 32
        return options
    }

    private func correct(_ network: Network) throws -> Int {
        try Evaluation(of: network, on: try #require(splits.test), pool: pool).correct
    }

    /// Peers' tools reach 151 right after projection and 158 at the end (medians of five seeds, 167 cases).
    @Test func `at most 383 parameters keep the accuracy, most of it before the last training`() throws {
        var (projected, retrained): ([Int], [Int]) = ([], [])
        for seed in UInt64(1)...3 {
            let start = try ExampleNetworks.road().normalizing(splits.train).initialized(seed: seed, stream: "train")
            let network = try Trainer(
                start, data: splits.train, options: options(epochs: 60), seed: seed, stream: "train", pool: pool
            ).run().network
            var pruning = PruningOptions()
            pruning.pace = .filters(2)
            pruning.finetune = options(epochs: 15)
            pruning.goal = SizeGoal(.totalParameters, atMost: 984)
            pruning.retrain = options(epochs: 60)
            let pruned = try Pruner(
                network, data: splits.train, options: pruning, seed: seed, stream: "prune/0", pool: pool
            ).run()
            #expect(pruned.isMet && pruned.network.counts.totalParameters <= 984)
            var projection = ProjectionOptions()
            projection.goal = .totalParameters(383)
            let analysis = try ProjectionAnalysis(of: pruned.network, data: splits.train, threads: 2)
            let plain = try Projector(
                pruned.network, analysis: analysis, data: splits.train, options: projection, seed: seed,
                stream: "project/0", pool: pool
            ).run()
            #expect(plain.plan.isMet && plain.network.counts.totalParameters <= 383)
            projected.append(try correct(plain.network))
            projection.retrain = options(epochs: 60)
            let trained = try Projector(
                pruned.network, analysis: analysis, data: splits.train, options: projection, seed: seed,
                stream: "project/0", pool: pool
            ).run()
            #expect(trained.plan == plain.plan)
            retrained.append(try correct(trained.network))
        }
        #expect(projected.sorted()[1] >= 150, "right after projection: \(projected) of 167")
        #expect(retrained.sorted()[1] >= 154, "after training: \(retrained) of 167")
    }
}
