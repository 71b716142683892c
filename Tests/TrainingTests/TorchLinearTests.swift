import Datasets
import Foundation
import Kernels
import Networks
import Tensors
import Testing
import Training

/// Twelve steps of a linear model with every solver, schedule, threshold and loss against the same in PyTorch;
/// `Tests/References/training.py` writes the numbers.
@Suite struct TorchLinearTests {
    private struct Reference: Decodable {
        var features: [Float]
        var classes: [Int]
        var values: [Float]
        var start: [String: [Float]]
        var trained: [String: [Double]]

        init() throws {
            struct File: Decodable { var linear: Reference }
            let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            let data = try Data(contentsOf: tests.appending(path: "References/training.json"))
            self = try JSONDecoder().decode(File.self, from: data).linear
        }
    }

    private enum Task: Sendable { case classes, binary, values }

    private static let cases: [(name: String, task: Task, change: @Sendable (inout TrainingOptions) -> Void)] = [
        ("crossEntropy", .classes, { _ in }),
        ("weighted", .classes, { $0.classWeights = .given([1, 0.25, 4]) }),
        (
            "smoothed", .classes,
            {
                $0.classWeights = .given([1, 0.25, 4])
                $0.labelSmoothing = 0.2
            }
        ),
        ("binary", .binary, { _ in }), ("labels", .classes, { $0.loss = .binaryCrossEntropy }),
        ("mse", .values, { _ in }), ("mae", .values, { $0.loss = .mae }),
        (
            "huber", .values,
            {
                $0.loss = .huber
                $0.huberDelta = 0.5
            }
        ),
        (
            "adam", .classes,
            {
                $0.l2Regularization = 0.1
                $0.gradientDecay = 0.8
                $0.squaredGradientDecay = 0.99
                $0.epsilon = 1e-3
            }
        ),
        (
            "adamw", .classes,
            {
                $0.solver = .adamw
                $0.l2Regularization = 0.3
            }
        ),
        (
            "sgdm", .classes,
            {
                $0.solver = .sgdm
                $0.l2Regularization = 0.1
                $0.momentum = 0.7
            }
        ),
        (
            "rmsprop", .classes,
            {
                $0.solver = .rmsprop
                $0.l2Regularization = 0.1
                $0.squaredGradientDecay = 0.9
                $0.epsilon = 1e-3
            }
        ),
        (
            "piecewise", .classes,
            {
                $0.schedule = .piecewise
                $0.dropFactor = 0.3
                $0.dropPeriod = 2
            }
        ),
        ("cosine", .classes, { $0.schedule = .cosine }),
        (
            "warmup", .classes,
            {
                $0.schedule = .piecewise
                $0.dropFactor = 0.5
                $0.dropPeriod = 1
                $0.warmupEpochs = 2
            }
        ),
        ("global-l2norm", .classes, { clip(&$0, .globalNorm, 0.2) }),
        ("l2norm", .classes, { clip(&$0, .norm, 0.1) }),
        ("absolute-value", .classes, { clip(&$0, .absoluteValue, 0.05) }),
    ]

    private static func clip(
        _ options: inout TrainingOptions, _ method: TrainingOptions.ThresholdMethod, _ threshold: Double
    ) {
        options.solver = .sgdm
        options.momentum = 0
        options.thresholdMethod = method
        options.gradientThreshold = threshold
    }

    @Test(arguments: cases.indices)
    func `twelve steps end where PyTorch's do`(index: Int) throws {
        let (reference, example) = (try Reference(), Self.cases[index])
        let targets: Targets =
            switch example.task {
            case .classes: .classes(names: ["a", "b", "c"], labels: reference.classes)
            case .binary: .classes(names: ["a", "other"], labels: reference.classes.map { min($0, 1) })
            case .values: .values(names: ["p", "q"], values: reference.values)
            }
        let outputs = example.task == .classes ? 3 : example.task == .binary ? 1 : 2
        var network = try LossFunctionTests.network(outputs: outputs)
        let start = try #require(reference.start["\(outputs)"])
        try network.setParameters([
            "fc.weights": Tensor(Array(start.prefix(4 * outputs)), shape: [outputs, 4]),
            "fc.bias": Tensor(Array(start.suffix(outputs))),
        ])
        var options = TrainingOptions()
        options.initialLearnRate = 0.05
        options.maxEpochs = 4
        options.miniBatchSize = 4
        options.shuffle = .never
        options.l2Regularization = 0
        example.change(&options)
        let data = Dataset(
            name: "linear", channels: ["x"], shape: [1, 4], targets: targets, examples: reference.features)
        let result = try Trainer(
            network, data: data, options: options, seed: 1, stream: "", pool: WorkerPool(threads: 1)
        ).run()
        let trained =
            try #require(result.network.parameters["fc.weights"]).floats
            + #require(result.network.parameters["fc.bias"]).floats
        let expected = try #require(reference.trained[example.name])
        #expect(trained.count == expected.count)
        for (value, reference) in zip(trained, expected) {
            #expect(abs(Double(value) - reference) < 1e-5, "\(example.name): \(value) for \(reference)")
        }
    }

    @Test func `every reference is compared`() throws {
        #expect(Set(try Reference().trained.keys) == Set(Self.cases.map(\.name)))
    }
}
