import Datasets
import Foundation
import Kernels
import Networks
import Tensors
import TestSupport
import Training

/// Slow and fast waves with noise: a task that a small network learns in a few epochs.
func waves(_ count: Int, steps: Int = 24, seed: UInt64 = 1) -> Dataset {
    var random = RandomStream(seed: seed, name: "waves")
    var (labels, examples): ([Int], [Float]) = ([], [])
    for index in 0..<count {
        let (label, phase) = (index % 2, 6.28 * random.uniform())
        labels.append(label)
        for step in 0..<steps {
            examples.append(sin(phase + (label == 0 ? 0.4 : 0.9) * Float(step)) + random.uniform() - 0.5)
        }
    }
    return Dataset(
        name: "waves", channels: ["x"], steps: steps, classes: ["slow", "fast"], labels: labels, examples: examples)
}

/// Few steps of training, each of 32 examples.
func training(epochs: Int, learnRate: Double = 0.01) -> TrainingOptions {
    var options = TrainingOptions()
    options.maxEpochs = epochs
    options.miniBatchSize = 32
    options.initialLearnRate = learnRate
    return options
}

/// A trained network for ``waves(_:steps:seed:)``.
func wavesNetwork(filters: [Int] = [6, 5], epochs: Int = 8) throws -> Network {
    let network = try ExampleNetworks.road(filters: filters, steps: 24).normalizing(waves(96))
        .initialized(seed: 3, stream: "waves")
    return try Trainer(
        network, data: waves(96), options: training(epochs: epochs), seed: 3, stream: "waves",
        pool: WorkerPool(threads: 1)
    ).run().network
}
