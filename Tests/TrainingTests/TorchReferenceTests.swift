import Datasets
import Foundation
import Kernels
import Networks
import Tensors
import Testing
import Training

/// A training of a small network against the same in PyTorch; `Tests/References/training.py` writes the numbers.
@Suite struct TorchReferenceTests {
    private struct Reference: Decodable {
        var examples: [Float]
        var labels: [Int]
        var before: [String: [Float]]
        var losses: [Double]
        var after: [String: [Double]]

        init() throws {
            let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            let data = try Data(contentsOf: tests.appending(path: "References/training.json"))
            self = try JSONDecoder().decode(Reference.self, from: data)
        }
    }

    private static func network(_ parameters: [String: [Float]]) throws -> Network {
        let layers: [(String, any Layer)] = [
            ("conv_1", Convolution1D(filters: 5, filterSize: 3, padding: .same)), ("bn_1", BatchNormalization()),
            ("relu_1", ReLU()), ("pool", MaxPooling1D(size: 2)),
            ("conv_2", Convolution1D(filters: 4, filterSize: 3, stride: 2, padding: .explicit([1, 1]))),
            ("bn_2", BatchNormalization()), ("relu_2", ReLU()), ("average", GlobalAveragePooling()),
            ("fc_1", Dense(outputs: 6)), ("relu_3", ReLU()), ("fc_2", Dense(outputs: 3)), ("softmax", Softmax()),
        ]
        var nodes = [
            Network.Node("input", SequenceInput(channels: 2, steps: 12, normalization: .zscore), inputs: [])
        ]
        for (name, layer) in layers { nodes.append(Network.Node(name, layer, inputs: [nodes[nodes.count - 1].name])) }
        var network = try Network(nodes: nodes)
        var tensors: [String: Tensor] = [:]
        for (name, specification) in network.specifications {
            tensors[name] = Tensor(try #require(parameters[name]), shape: specification.shape)
        }
        try network.setParameters(tensors)
        return network
    }

    @Test func `losses, learnables and states follow PyTorch's`() throws {
        let reference = try Reference()
        let data = Dataset(
            name: "reference", channels: ["x", "y"], steps: 12, classes: ["a", "b", "c"], labels: reference.labels,
            examples: reference.examples)
        var options = TrainingOptions()
        options.initialLearnRate = 0.01
        options.maxEpochs = reference.losses.count
        options.miniBatchSize = 8
        options.shuffle = .never
        options.l2Regularization = 0.01
        let result = try Trainer(
            try Self.network(reference.before), data: data, options: options, seed: 1, stream: "",
            pool: WorkerPool(threads: 2)
        ).run()
        #expect(result.history.count == reference.losses.count)
        for (record, loss) in zip(result.history, reference.losses) {
            #expect(abs(record.loss - loss) < 1e-5, "epoch \(record.epoch): \(record.loss) for \(loss)")
        }
        for (name, values) in reference.after.sorted(by: { $0.key < $1.key }) {
            let ours = try #require(result.network.parameters[name]).floats
            #expect(ours.count == values.count)
            let worst = zip(ours, values).map { abs(Double($0) - $1) }.max() ?? 0
            // A bias before batch normalization has no gradient but rounding, which Adam makes steps of its own size.
            let hasGradient = !["conv_1.bias", "conv_2.bias"].contains(name)
            #expect(worst < (hasGradient && !name.hasSuffix(".mean") ? 2e-4 : 0.2), "\(name) is off by \(worst)")
        }
    }
}
