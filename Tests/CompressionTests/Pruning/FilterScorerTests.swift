import Compression
import Datasets
import Foundation
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Training

@Suite struct FilterScorerTests {
    private let data = waves(20)
    private let pool = WorkerPool(threads: 2)

    private func scores(
        _ prunable: PrunableNetwork, _ criterion: PruningCriterion, batchSize: Int = 7, threads: Int = 2
    ) throws -> FilterScores {
        var training = TrainingOptions()
        training.miniBatchSize = batchSize
        return try FilterScorer(criterion: criterion, training: training).scores(
            of: prunable, data: data, seed: 5, stream: "prune/0/scores/1", pool: WorkerPool(threads: threads))
    }

    private func prunable() throws -> PrunableNetwork {
        try PrunableNetwork(
            RandomNetworks.randomized(ExampleNetworks.road(filters: [3, 4], steps: 24), seed: 8),
            scope: PruningScope(prunable: [.convolution, .dense]))
    }

    // MARK: Gradients

    /// A factor on a channel behind batch normalization and rectifier is one on its scale and offset: the derivative of
    /// an example's loss by that factor is the sum over positions of activation times gradient.
    @Test func `the Taylor score is the derivative of each loss by a factor on the channel`() throws {
        let prunable = try prunable()
        let scores = try scores(prunable, .taylor)
        let sites = [
            ("relu_1", "conv1d_1", "bn_1"), ("relu_2", "conv1d_2", "bn_2"), ("relu_3", "fc_1", nil),
        ]
        for (site, layer, normalization) in sites {
            let values = try #require(scores.values[site])
            for filter in values.indices {
                let parameters =
                    normalization.map { ["\($0).scale", "\($0).offset"] } ?? ["\(layer).weights", "\(layer).bias"]
                let slopes = try slopes(of: prunable.network, scaling: parameters, filter: filter)
                let expected = slopes.reduce(0) { $0 + abs($1) } / Double(slopes.count)
                #expect(abs(values[filter] - expected) < 0.02 * expected + 1e-4, "\(layer), filter \(filter)")
            }
        }
    }

    @Test func `the weight score is the squared derivative of the mean loss by a factor on the filter`() throws {
        let prunable = try prunable()
        let values = try #require(try scores(prunable, .taylorWeight, batchSize: 20).values["conv1d_2"])
        for filter in values.indices {
            let slopes = try slopes(
                of: prunable.network, scaling: ["conv1d_2.weights", "conv1d_2.bias"], filter: filter)
            let mean = slopes.reduce(0, +) / Double(slopes.count)
            #expect(abs(values[filter] - mean * mean) < 0.02 * mean * mean + 1e-4, "filter \(filter)")
        }
    }

    /// Central differences of each example's loss by a factor on a filter's elements of some parameters.
    private func slopes(of network: Network, scaling names: [String], filter: Int) throws -> [Double] {
        let step: Float = 0.002
        let shifted = try [1 + step, 1 - step].map { factor in
            var scaled = network
            for name in names {
                let tensor = try #require(network.parameters[name])
                let size = tensor.shape.count / tensor.shape[0]
                var elements = tensor.floats
                for index in filter * size..<(filter + 1) * size { elements[index] *= factor }
                try scaled.setParameters([name: Tensor(elements, shape: tensor.shape)])
            }
            return try self.losses(of: scaled, on: data, logits: "fc_2")
        }
        return zip(shifted[0], shifted[1]).map { ($0 - $1) / Double(2 * step) }
    }

    private func losses(of network: Network, on data: Dataset, logits: String) throws -> [Double] {
        let classes = try #require(network.shape(of: logits)).count
        let values = try run(network, on: data.values(in: 0..<data.count), node: logits).map(Double.init)
        return data.labels.enumerated().map { index, label in
            let row = Array(values[classes * index..<classes * (index + 1)])
            return log(row.reduce(0) { $0 + exp($1) }) - row[label]
        }
    }

    /// A factor on a channel at a site is one on the mask behind it.
    @Test func `scores of residual and dense networks are derivatives by factors where channels are read`() throws {
        for (network, sites) in [
            (try ExampleNetworks.residual(), ["relu_a", "sum"]), (try ExampleNetworks.dense(), ["relu_1", "relu_2"]),
        ] {
            let prunable = try PrunableNetwork(RandomNetworks.randomized(network, seed: 3), scope: PruningScope())
            #expect(prunable.sites.map(\.name) == sites)
            let data = try randomData(for: network, classes: 3, seed: 4)
            let scores = try FilterScorer(criterion: .taylor).scores(
                of: prunable, data: data, seed: 5, stream: "", pool: pool)
            for site in sites {
                let shape = try #require(network.shape(of: site))
                let expected = try (0..<shape[0]).map { channel in
                    let step: Float = 0.01
                    let shifted = try [1 + step, 1 - step].map { factor in
                        let masks = [site: [Int: Float](uniqueKeysWithValues: [(channel, factor)])]
                        return try self.losses(of: prunable.network.masking(masks), on: data, logits: "fc")
                    }
                    let slopes = zip(shifted[0], shifted[1]).map { abs($0 - $1) / Double(2 * step) }
                    return slopes.reduce(0, +) / Double(slopes.count)
                }
                for (value, expected) in zip(try #require(scores.values[site]), expected) {
                    #expect(abs(value - expected) < 0.02 * expected + 1e-4, "\(site): \(value), \(expected)")
                }
            }
            // Every group counts all its channels at all sites.
            let total = scores.values.values.joined().reduce(0, +)
            let groups = prunable.groups.map(scores.score).reduce(0, +)
            #expect(abs(total - groups) < 1e-9 * total)
        }
    }

    @Test func `every criterion scores every graph, and batch-norm-scale those that have the scales`() throws {
        var scored = 0
        for seed in UInt64(0)..<120 {
            let network = try RandomNetworks.graph(seed: seed)
            guard let prunable = try? PrunableNetwork(network, scope: PruningScope(prunable: [.convolution, .dense])),
                let last = network.outputs.last, let outputs = network.shape(of: last.name)?.count, outputs > 1
            else { continue }
            let data = try randomData(for: network, classes: outputs, seed: seed)
            for criterion in PruningCriterion.allCases {
                let scorer = FilterScorer(criterion: criterion, normalization: .l2)
                do {
                    let scores = try scorer.scores(of: prunable, data: data, seed: 1, stream: "", pool: pool)
                    let values = prunable.groups.map(scores.score)
                    #expect(values.allSatisfy { $0 >= 0 }, "seed \(seed), \(criterion)")
                    // Where the loss depends on a channel that can go; in few graphs only other outputs do.
                    scored += values.contains { $0 > 0 } ? 1 : 0
                } catch let error as CompressionError where criterion == .batchNormScale {
                    #expect(error.code == .notApplicable, "seed \(seed)")
                }
            }
        }
        #expect(scored > 400, "\(scored)")
    }

    private func randomData(for network: Network, classes: Int, seed: UInt64) throws -> Dataset {
        let shape = try #require(network.inputs.first.flatMap { network.shape(of: $0.name) })
        let count = 2 * classes
        return Dataset(
            name: "noise", channels: (0..<shape[0]).map { "c\($0)" }, shape: shape,
            targets: .classes(names: (0..<classes).map { "class \($0)" }, labels: (0..<count).map { $0 % classes }),
            examples: examples(count, for: network, seed: seed))
    }

    @Test func `dropout behind pooling changes no Taylor score`() throws {
        let network = try prunable().network
        let nodes = network.nodes.flatMap { node -> [Network.Node] in
            guard node.layer is GlobalAveragePooling else {
                return [Network.Node(node.name, node.layer, inputs: node.inputs.map { $0 == "pool" ? "dropout" : $0 })]
            }
            return [node, Network.Node("dropout", Dropout(probability: 0.5), inputs: [node.name])]
        }
        let with = try PrunableNetwork(Network(nodes: nodes, parameters: network.parameters), scope: PruningScope())
        let without = try PrunableNetwork(network, scope: PruningScope())
        #expect(try scores(with, .taylor) == scores(without, .taylor))
    }

    @Test func `batch size and threads change Taylor scores by no more than rounding`() throws {
        let prunable = try prunable()
        let one = try scores(prunable, .taylor, threads: 1)
        #expect(try scores(prunable, .taylor, threads: 3) == one)
        let other = try scores(prunable, .taylor, batchSize: 20)
        for layer in ["relu_1", "relu_2", "relu_3"] {
            for (left, right) in zip(one.values[layer] ?? [], other.values[layer] ?? [1]) {
                #expect(abs(left - right) <= 1e-5 * left)
            }
        }
    }

    // MARK: Parameters

    @Test func `magnitude is the norm of a filter's weights`() throws {
        let prunable = try prunable()
        let weights = try #require(prunable.network.parameters["conv1d_2.weights"]).floats
        let values = try #require(try scores(prunable, .magnitude).values["conv1d_2"])
        let expected = weights[9..<18].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs(values[1] - expected) < 1e-12)
    }

    @Test func `the scale of batch normalization is read without its sign`() throws {
        var network = try prunable().network
        try network.setParameters(["bn_1.scale": Tensor([-3, 1, 2])])
        let convolutions = try PrunableNetwork(network, scope: PruningScope())
        #expect(try scores(convolutions, .batchNormScale).values["bn_1"] == [3, 1, 2])
        let message =
            "has no batch normalization behind it, which criterion 'batch-norm-scale' reads; "
            + "choose another criterion, or other layers by 'LayerNames'"
        #expect(throws: CompressionError(.notApplicable, layer: "fc_1", message)) {
            try scores(prunable(), .batchNormScale)
        }
    }

    @Test func `a random score belongs to a filter and outlives the removal of others`() throws {
        let prunable = try prunable()
        let before = try #require(try scores(prunable, .random).values["conv1d_1"])
        let after = try scores(prunable.removing([prunable.groups[1]]), .random).values["conv1d_1"]
        #expect(Set(before).count == 3)
        #expect(after == [before[0], before[2]])
    }

    @Test func `a network that was not trained is an error`() throws {
        let prunable = try PrunableNetwork(ExampleNetworks.road(), scope: PruningScope())
        #expect(
            throws: CompressionError(
                .invalidNetwork, layer: "conv1d_1", "has no 'weights'; train the network first")
        ) {
            try scores(prunable, .magnitude)
        }
    }
}
