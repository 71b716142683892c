import Datasets
import Foundation
import Kernels
import Networks
import Tensors
import Testing
import Training

/// A teacher's loss and its gradient beside the same in double precision, and trainings with a teacher.
@Suite struct DistillationTests {
    private static func softmax(_ z: [Double], _ temperature: Double) -> [Double] {
        let powers = z.map { exp($0 / temperature) }
        return powers.map { $0 / powers.reduce(0, +) }
    }

    private static func divergence(_ p: Double, _ q: Double) -> Double { p == 0 ? 0 : p * log(p / q) }

    /// What one example adds.
    private static func reference(
        _ targets: LossKernels.SoftTargets, _ z: [Double], _ t: [Double], _ temperature: Double
    ) -> Double {
        let square = temperature * temperature
        switch targets {
        case .classes:
            let (own, teacher) = (softmax(z, temperature), softmax(t, temperature))
            return square * zip(teacher, own).reduce(0) { $0 + divergence($1.0, $1.1) }
        case .labels:
            let parts = zip(z, t).map { z, t in
                let (own, teacher) = (1 / (1 + exp(-z / temperature)), 1 / (1 + exp(-t / temperature)))
                return divergence(teacher, own) + divergence(1 - teacher, 1 - own)
            }
            return square * parts.reduce(0, +) / Double(z.count)
        case .values:
            return zip(z, t).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(z.count)
        }
    }

    @Test(arguments: [LossKernels.SoftTargets.classes, .labels, .values], [0.5, 1, 4.0])
    func `loss and gradient are those of the reference`(targets: LossKernels.SoftTargets, temperature: Double) {
        let (count, outputs) = (4, 3)
        for seed in UInt64(0)..<4 {
            var random = RandomStream(seed: seed, name: "outputs")
            let values = (0..<count * outputs).map { _ in 6 * random.uniform() - 3 }
            let teacher = (0..<count * outputs).map { _ in 6 * random.uniform() - 3 }
            func reference(_ z: [Double]) -> Double {
                (0..<count).reduce(0.0) { sum, example in
                    let own = example * outputs..<(example + 1) * outputs
                    return sum
                        + Self.reference(targets, Array(z[own]), teacher[own].map(Double.init), temperature)
                        / Double(count)
                }
            }
            let before = (0..<count * outputs).map { _ in random.uniform() }
            let gradient = FloatBuffer(before)
            let loss = LossKernels.distillation(
                targets, FloatBuffer(values), teacher: FloatBuffer(teacher), count: count, outputs: outputs,
                temperature: temperature, alpha: 0.3, gradient: gradient)
            let point = values.map(Double.init)
            #expect(abs(loss - reference(point)) < 1e-12 * max(1, loss), "seed \(seed)")
            for index in point.indices {
                var (above, below) = (point, point)
                above[index] += 1e-5
                below[index] -= 1e-5
                let difference = (reference(above) - reference(below)) / 2e-5
                let expected = 0.7 * Double(before[index]) + 0.3 * difference
                #expect(abs(Double(gradient[index]) - expected) < 1e-6, "seed \(seed), element \(index)")
            }
        }
    }

    /// `F.kl_div(F.log_softmax(z / 2, 1), F.softmax(t / 2, 1), reduction="batchmean") * 4` of PyTorch 2.15 and its gradient,
    /// in float64.
    @Test func `the loss of classes is PyTorch's`() {
        let gradient = FloatBuffer(count: 6)
        let loss = LossKernels.distillation(
            .classes, FloatBuffer([1, -0.5, 2, 0, 0.25, -1]), teacher: FloatBuffer([3, 0, -1, 0.5, 2, -2]), count: 2,
            outputs: 3, temperature: 2, alpha: 1, gradient: gradient)
        #expect(abs(loss - Self.torchLoss) < 1e-12)
        for (ours, torch) in zip(gradient.array, Self.torchGradient) { #expect(abs(Double(ours) - torch) < 1e-7) }
    }

    private static let torchLoss = 1.1364645852666246
    private static let torchGradient = [
        -0.4157236152859808, -0.012904860259788598, 0.4286284755457694, 0.07119147559549621, -0.2083996150501889,
        0.13720813945469285,
    ]

    @Test func `equal outputs cost nothing, however large`() {
        let outputs: [Float] = [1e4, -1e4, 0, 3e38, 0, -3e38]
        for targets in [LossKernels.SoftTargets.classes, .labels, .values] {
            let gradient = FloatBuffer(count: 6)
            let loss = LossKernels.distillation(
                targets, FloatBuffer(outputs), teacher: FloatBuffer(outputs), count: 2, outputs: 3, temperature: 4,
                alpha: 1, gradient: gradient)
            #expect(loss == 0 && gradient.array.allSatisfy { $0 == 0 })
        }
    }
}

// MARK: - Trainings

extension DistillationTests {
    private static func options(alpha: Double?) -> TrainingOptions {
        var options = TrainingOptions()
        options.maxEpochs = 2
        options.miniBatchSize = 10
        options.initialLearnRate = 0.01
        options.l2Regularization = 0
        options.alpha = alpha
        return options
    }

    private static func train(
        _ network: Network, _ data: Dataset, teacher: Network?, _ options: TrainingOptions, threads: Int = 1
    ) throws -> TrainingResult {
        try Trainer(
            network, data: data, validation: data, teacher: teacher, options: options, seed: 3, stream: "distill",
            pool: WorkerPool(threads: threads)
        ).run()
    }

    @Test func `a student that is its teacher has nothing to learn of the same augmented batch`() throws {
        let data = ToyProblem.amplitudes(24, seed: 1)
        let network = try ToyProblem.regression()
        var options = Self.options(alpha: 1)
        var augmentation = Augmentation()
        (augmentation.shift, augmentation.scale, augmentation.noise) = (2, 0.3, 0.2)
        options.augmentation = augmentation
        let result = try Self.train(network, data, teacher: network, options)
        #expect(result.network.parameters == network.parameters)
        #expect(result.history.map(\.loss) == [0, 0])
    }

    @Test func `without weight the teacher changes nothing`() throws {
        let data = ToyProblem.data(24, seed: 1)
        let (network, teacher) = (try ToyProblem.network(), try ToyProblem.network(seed: 2).normalizing(data))
        let plain = try Self.train(network, data, teacher: nil, Self.options(alpha: nil))
        let taught = try Self.train(network, data, teacher: teacher, Self.options(alpha: 0))
        #expect(plain.network == taught.network && plain.history == taught.history)
        let half = try Self.train(network, data, teacher: teacher, Self.options(alpha: 0.5))
        #expect(half.network != plain.network)
    }

    @Test func `a teacher is computed as in inference, at any number of threads, resumed or not`() throws {
        let data = ToyProblem.data(60, seed: 1)
        let network = try ToyProblem.network()
        var teaching = Self.options(alpha: nil)
        teaching.maxEpochs = 20
        let teacher = try Self.train(try ToyProblem.network(seed: 4), data, teacher: nil, teaching).network
        let options = Self.options(alpha: 0.7)
        let whole = try Self.train(network, data, teacher: teacher, options)
        #expect(try Self.train(network, data, teacher: teacher, options, threads: 3).network == whole.network)
        var saved: [TrainingCheckpoint] = []
        var steps = 0
        _ = try Trainer(
            network, data: data, teacher: teacher, options: options, seed: 3, stream: "distill",
            pool: WorkerPool(threads: 1)
        ).run(
            TrainingMonitor(
                report: { _ in steps += 1 }, isCheckpointDue: { _ in steps == 4 }, save: { saved.append($0) },
                checkCancellation: {}))
        let resumed = try Trainer(
            network, data: data, teacher: teacher, options: options, seed: 3, stream: "distill",
            pool: WorkerPool(threads: 1), from: saved.first
        ).run()
        #expect(resumed.network == whole.network && resumed.history == whole.history)
    }

    @Test(
        arguments: [
            ("temperature", "'temperature' is of a teacher, and there is none"),
            ("alpha", "'alpha' is of a teacher, and there is none"),
        ])
    func `options of a teacher need one`(option: String, message: String) throws {
        var options = Self.options(alpha: option == "alpha" ? 0.5 : nil)
        options.temperature = option == "temperature" ? 2 : nil
        let error = #expect(throws: TrainingError.self) {
            try Trainer.check(try ToyProblem.network(), data: ToyProblem.data(8, seed: 1), options: options)
        }
        #expect(error?.message == message && error?.option == option)
        #expect(error?.help == "name a stage with 'teacher', or leave it out")
    }

    @Test func `a teacher reads and gives the same as its student`() throws {
        let data = ToyProblem.data(8, seed: 1)
        let network = try ToyProblem.network()
        func message(_ teacher: Network) -> String? {
            #expect(throws: TrainingError.self) {
                try Trainer.check(network, data: data, options: Self.options(alpha: nil), teacher: teacher)
            }?.message
        }
        #expect(
            message(try ToyProblem.network(channels: 1))
                == "the teacher does not fit: layer 'input' reads 1 x 8, and the examples of 'toy' are 2 x 8 (x, y); "
                + "choose channels that fit")
        #expect(
            message(try ToyProblem.network(classes: 3))
                == "the teacher does not fit: layer 'softmax' gives 3 scores, and 'toy' has 2 classes: calm, rough")
        #expect(
            message(try ToyProblem.regression())
                == "the teacher does not fit: layer 'fc' gives 1 scores, and 'toy' has 2 classes: calm, rough")
    }

    @Test func `a temperature is of classes`() throws {
        var options = Self.options(alpha: nil)
        options.temperature = 2
        let network = try ToyProblem.regression()
        let error = #expect(throws: TrainingError.self) {
            try Trainer.check(network, data: ToyProblem.amplitudes(8, seed: 1), options: options, teacher: network)
        }
        #expect(error?.message == "'temperature' is of classes, and loss 'mse' is of values")
    }
}
