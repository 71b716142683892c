import Datasets
import Foundation
import Kernels
import Networks
import Tensors
import Testing
import Training

/// Losses and their gradients beside the same in double precision, and beside central differences of that.
@Suite struct LossFunctionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let targets: Targets
        let outputs: Int
        var options = TrainingOptions()
        /// The loss of one example and what it weighs.
        let reference: @Sendable (_ z: [Double], _ row: Int) -> (loss: Double, weight: Double)

        init(
            _ name: String, _ targets: Targets, outputs: Int, _ change: (inout TrainingOptions) -> Void,
            reference: @escaping @Sendable ([Double], Int) -> (loss: Double, weight: Double)
        ) {
            (self.name, self.targets, self.outputs, self.reference) = (name, targets, outputs, reference)
            change(&options)
        }

        var testDescription: String { name }
    }

    private static let labels = [2, 0, 1, 1, 2]
    private static let classes = Targets.classes(names: ["a", "b", "c"], labels: labels)
    private static let pair = Targets.classes(names: ["no", "yes"], labels: [1, 0, 1, 1, 0])
    private static let numbers: [Float] = [0.5, -1, 3, 0.25, -0.75, 0.5, 1, 0, 0.125, 2]
    private static let values = Targets.values(names: ["p", "q"], values: numbers)
    private static let shares: [Float] = [0, 1, 1, 0.25, 0, 0, 1, 1, 0.5, 0]

    private static func negativeLogSoftmax(_ z: [Double]) -> [Double] {
        let normalizer = log(z.reduce(0) { $0 + exp($1) })
        return z.map { normalizer - $0 }
    }

    private static func binary(_ z: Double, _ t: Double) -> Double {
        let p = 1 / (1 + exp(-z))
        return -t * log(p) - (1 - t) * log(1 - p)
    }

    private static func mean(_ z: [Double], _ row: Int, _ measure: (Double) -> Double) -> (Double, Double) {
        let errors = z.indices.map { z[$0] - Double(numbers[row * z.count + $0]) }
        return (errors.reduce(0) { $0 + measure($1) } / Double(z.count), 1)
    }

    static let cases: [Case] = [
        Case("cross-entropy", classes, outputs: 3, { _ in }) { z, row in (negativeLogSoftmax(z)[labels[row]], 1) },
        Case("weighted cross-entropy", classes, outputs: 3, { $0.classWeights = .given([1, 0.5, 3]) }) { z, row in
            let weight = [1, 0.5, 3][labels[row]]
            return (weight * negativeLogSoftmax(z)[labels[row]], weight)
        },
        // As PyTorch has it: what is spread is weighted by the class that it goes to.
        Case(
            "smoothed weighted cross-entropy", classes, outputs: 3,
            {
                $0.classWeights = .given([1, 0.5, 3])
                $0.labelSmoothing = 0.3
            },
            reference: { z, row in
                let (weights, losses) = ([1, 0.5, 3], negativeLogSoftmax(z))
                let spread = (0..<3).reduce(0.0) { $0 + weights[$1] * losses[$1] } * 0.3 / 3
                return (0.7 * weights[labels[row]] * losses[labels[row]] + spread, weights[labels[row]])
            }),
        Case(
            "binary cross-entropy, one output a label", classes, outputs: 3,
            {
                $0.loss = .binaryCrossEntropy
                $0.classWeights = .given([1, 0.5, 3])
            },
            reference: { z, row in
                let weight = [1, 0.5, 3][labels[row]]
                let sum = (0..<3).reduce(0.0) { $0 + binary(z[$1], $1 == labels[row] ? 1 : 0) }
                return (weight * sum / 3, weight)
            }),
        Case("binary cross-entropy, one output", pair, outputs: 1, { $0.labelSmoothing = 0.2 }) { z, row in
            (binary(z[0], [1, 0, 1, 1, 0][row] == 1 ? 0.9 : 0.1), 1)
        },
        Case(
            "binary cross-entropy of shares", .values(names: ["p", "q"], values: shares), outputs: 2,
            { $0.loss = .binaryCrossEntropy },
            reference: { z, row in
                let first: Double = binary(z[0], Double(shares[2 * row]))
                let second: Double = binary(z[1], Double(shares[2 * row + 1]))
                return ((first + second) / 2, 1)
            }),
        Case("squared error", values, outputs: 2, { _ in }) { z, row in mean(z, row) { $0 * $0 } },
        Case("absolute error", values, outputs: 2, { $0.loss = .mae }) { z, row in mean(z, row) { abs($0) } },
        Case(
            "Huber's", values, outputs: 2,
            {
                $0.loss = .huber
                $0.huberDelta = 0.8
            },
            reference: { z, row in mean(z, row) { abs($0) <= 0.8 ? $0 * $0 / 2 : 0.8 * (abs($0) - 0.4) } }),
    ]

    static func network(outputs: Int, end: (any Layer)? = nil) throws -> Network {
        var nodes = [
            Network.Node("input", SequenceInput(channels: 1, steps: 4), inputs: []),
            Network.Node("flatten", Flatten(), inputs: ["input"]),
            Network.Node("fc", Dense(outputs: outputs), inputs: ["flatten"]),
        ]
        if let end { nodes.append(Network.Node("end", end, inputs: ["fc"])) }
        return try Network(nodes: nodes).initialized(seed: 5, stream: "linear")
    }

    static func data(_ targets: Targets) -> Dataset {
        let count =
            switch targets {
            case .classes(_, let labels): labels.count
            case .values(let names, let values): values.count / names.count
            }
        return Dataset(
            name: "five", channels: ["x"], shape: [1, 4], targets: targets,
            examples: (0..<4 * count).map { Float($0 % 7) - 3 })
    }

    @Test(arguments: cases, UInt64(0)..<4)
    func `loss and gradient are those of the reference`(example: Case, seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "outputs")
        let rows: ArraySlice<Int> = [4, 1, 2, 3]
        let outputs = (0..<4 * example.outputs).map { _ in 6 * random.uniform() - 3 }
        let loss = try LossFunction(
            example.options, data: Self.data(example.targets), network: try Self.network(outputs: example.outputs))
        func reference(_ z: [Double]) -> (sum: Double, weight: Double) {
            rows.enumerated().reduce((0, 0)) { total, item in
                let own = Array(z[item.offset * example.outputs..<(item.offset + 1) * example.outputs])
                let (loss, weight) = example.reference(own, item.element)
                return (total.0 + loss, total.1 + weight)
            }
        }
        let point = outputs.map(Double.init)
        let expected = reference(point)
        for reduction in [LossFunction.Reduction.mean, .sum] {
            let gradient = FloatBuffer(count: outputs.count)
            let batch = loss.evaluate(
                FloatBuffer(outputs), targets: example.targets, rows: rows, gradient: gradient, reduction: reduction)
            #expect(abs(batch.sums.loss - expected.sum) < 1e-12 * abs(expected.sum), "seed \(seed)")
            #expect(abs(batch.loss - expected.sum / expected.weight) < 1e-6)
            #expect(abs(batch.sums.weight - expected.weight) < 1e-12 && batch.count == 4)
            for index in outputs.indices {
                var (above, below) = (point, point)
                above[index] += 1e-5
                below[index] -= 1e-5
                let scale = reduction == .mean ? expected.weight : 1
                let difference = (reference(above).sum - reference(below).sum) / 2e-5 / scale
                #expect(abs(Double(gradient[index]) - difference) < 1e-6, "seed \(seed), element \(index)")
            }
        }
        let plain = loss.evaluate(FloatBuffer(outputs), targets: example.targets, rows: rows)
        #expect(abs(plain.sums.loss - expected.sum) < 1e-12 * abs(expected.sum))
    }

    @Test func `what is counted with the loss`() throws {
        let classes = try LossFunction(
            TrainingOptions(), data: Self.data(Self.classes), network: try Self.network(outputs: 3))
        let scores = FloatBuffer([0, 1, 2, 0, 0, 0, 1, 2, 3])
        #expect(classes.evaluate(scores, targets: Self.classes, rows: [0, 1, 2]).accuracy == 2.0 / 3)
        let one = try LossFunction(
            TrainingOptions(), data: Self.data(Self.pair), network: try Self.network(outputs: 1))
        #expect(one.evaluate(FloatBuffer([0.5, 0, 0]), targets: Self.pair, rows: [0, 1, 2]).accuracy == 2.0 / 3)
        let values = try LossFunction(
            TrainingOptions(), data: Self.data(Self.values), network: try Self.network(outputs: 2))
        // Off by 1 and 0, by 0 and 2.
        let batch = values.evaluate(FloatBuffer([1.5, -1, 3, 2.25]), targets: Self.values, rows: [0, 1])
        #expect(batch.rmse == (5.0 / 4).squareRoot() && batch.loss == 5.0 / 4)
        var both = batch
        both += batch
        #expect(both.count == 4 && both.loss == batch.loss && both.rmse == batch.rmse)
    }

    @Test func `the loss of a batch is summed exactly enough over a thousand examples`() throws {
        var random = RandomStream(seed: 9, name: "outputs")
        let labels = (0..<1000).map { _ in Int(3 * random.uniform()) }
        let targets = Targets.classes(names: ["a", "b", "c"], labels: labels)
        let logits = (0..<3000).map { _ in 80 * random.uniform() - 40 }
        let loss = try LossFunction(
            TrainingOptions(), data: Self.data(targets), network: try Self.network(outputs: 3))
        let batch = loss.evaluate(FloatBuffer(logits), targets: targets, rows: Array(0..<1000)[...])
        let expected = labels.enumerated().reduce(0.0) {
            $0 + Self.negativeLogSoftmax(logits[3 * $1.offset..<3 * $1.offset + 3].map(Double.init))[$1.element]
        }
        #expect(abs(batch.sums.loss - expected) < 1e-13 * expected)
    }

    // MARK: - Edges

    private static func loss(_ kind: LossFunction.Kind, weights: [Double]? = nil) throws -> LossFunction {
        var options = TrainingOptions()
        options.loss = kind
        options.classWeights = weights.map { .given($0) }
        return try LossFunction(options, data: data(pair), network: network(outputs: 2))
    }

    @Test func `large logits do not overflow`() throws {
        let targets = Targets.classes(names: ["no", "yes"], labels: [0, 0])
        let logits = FloatBuffer([1e30, -1e30, -1e4, 1e4])
        let batch = try Self.loss(.crossEntropy).evaluate(logits, targets: targets, rows: [0, 1])
        #expect(batch.sums.loss == 20000 && batch.sums.correct == 1)
        let binary = try Self.loss(.binaryCrossEntropy).evaluate(logits, targets: targets, rows: [0, 1])
        #expect(binary.sums.loss == 1e4)
    }

    @Test(arguments: LossFunction.Kind.allCases, [Float.nan, .infinity, -.infinity])
    func `an output that is no number makes a loss that is none`(kind: LossFunction.Kind, output: Float) throws {
        let isOfClasses = [.crossEntropy, .binaryCrossEntropy].contains(kind)
        let targets = isOfClasses ? Self.pair : Self.values
        var options = TrainingOptions()
        options.loss = kind
        let loss = try LossFunction(options, data: Self.data(targets), network: Self.network(outputs: 2))
        let batch = loss.evaluate(FloatBuffer([output, output]), targets: targets, rows: [0])
        #expect(!batch.isFinite)
    }

    @Test func `a batch of classes without weight changes nothing`() throws {
        let gradient = FloatBuffer([9, 9])
        let batch = try Self.loss(.crossEntropy, weights: [0, 1]).evaluate(
            FloatBuffer([1, 2]), targets: Self.pair, rows: [1], gradient: gradient)
        #expect(batch.sums.loss == 0 && batch.loss == 0)
        #expect(gradient.array == [0, 0])
    }

    // MARK: - What fits

    @Test func `the loss reads logits before a softmax, and the output otherwise`() throws {
        let data = Self.data(Self.classes)
        let softmax = try LossFunction(
            TrainingOptions(), data: data, network: Self.network(outputs: 3, end: Softmax()))
        #expect(softmax.node == "fc" && softmax.kind == .crossEntropy)
        let sigmoid = try LossFunction(
            TrainingOptions(), data: data, network: Self.network(outputs: 3, end: Sigmoid()))
        #expect(sigmoid.node == "fc" && sigmoid.kind == .binaryCrossEntropy)
        // Of values a sigmoid only bounds them.
        let bounded = try LossFunction(
            TrainingOptions(), data: Self.data(Self.values), network: Self.network(outputs: 2, end: Sigmoid()))
        #expect(bounded.node == "end" && bounded.kind == .mse)
        let plain = try LossFunction(TrainingOptions(), data: data, network: Self.network(outputs: 3))
        #expect(plain.node == "fc" && plain.kind == .crossEntropy)
        let single = try LossFunction(
            TrainingOptions(), data: Self.data(Self.pair), network: Self.network(outputs: 1))
        #expect(single.kind == .binaryCrossEntropy)
        let values = try LossFunction(
            TrainingOptions(), data: Self.data(Self.values), network: Self.network(outputs: 2))
        #expect(values.kind == .mse)
    }

    struct Misfit: Sendable {
        let targets: Targets
        let outputs: Int
        var endsInSoftmax = false
        let change: @Sendable (inout TrainingOptions) -> Void
        let error: TrainingError
    }

    static let misfits: [Misfit] = [
        Misfit(
            targets: classes, outputs: 3, change: { $0.loss = .mae },
            error: TrainingError(
                .invalidOption, "loss 'mae' is of values, and the targets of 'five' are classes", option: "loss",
                help: "choose one of crossEntropy, binaryCrossEntropy")),
        Misfit(
            targets: values, outputs: 2, change: { $0.loss = .crossEntropy },
            error: TrainingError(
                .invalidOption, "loss 'crossEntropy' is of classes, and the targets of 'five' are values",
                option: "loss", help: "choose one of mse, mae, huber, binaryCrossEntropy")),
        Misfit(
            targets: pair, outputs: 1, change: { $0.loss = .crossEntropy },
            error: TrainingError(
                .invalidData, "layer 'fc' gives 1 scores, and 'five' has 2 classes: no, yes", option: "loss",
                help: "one output tells two classes apart with loss 'binaryCrossEntropy'")),
        Misfit(
            targets: classes, outputs: 2, change: { $0.loss = .binaryCrossEntropy },
            error: TrainingError(
                .invalidData, "layer 'fc' gives 2 scores, and 'five' has 3 classes: a, b, c", option: "loss")),
        Misfit(
            targets: values, outputs: 3, change: { _ in },
            error: TrainingError(
                .invalidData, "layer 'fc' gives 3 values, and 'five' has 2 targets: p, q", option: "loss")),
        Misfit(
            targets: classes, outputs: 3, endsInSoftmax: true, change: { $0.loss = .binaryCrossEntropy },
            error: TrainingError(
                .invalidOption,
                "loss 'binaryCrossEntropy' does not go with layer 'end' (softmax), the last of the network",
                option: "loss", help: "choose 'crossEntropy', or end the network before that layer")),
        Misfit(
            targets: values, outputs: 2, endsInSoftmax: true, change: { _ in },
            error: TrainingError(
                .invalidOption, "loss 'mse' does not go with layer 'end' (softmax), the last of the network",
                option: "loss", help: "end the network before that layer")),
        Misfit(
            targets: values, outputs: 2, change: { $0.classWeights = .balanced },
            error: TrainingError(
                .invalidOption, "'classWeights' is of classes, and the targets of 'five' are values",
                option: "classWeights", help: "leave it out")),
        Misfit(
            targets: values, outputs: 2, change: { $0.labelSmoothing = 0.1 },
            error: TrainingError(
                .invalidOption, "'labelSmoothing' is of classes, and loss 'mse' is of values",
                option: "labelSmoothing", help: "leave it out")),
        Misfit(
            targets: .values(names: ["p", "q"], values: [0, 1, .infinity, 2]), outputs: 2, change: { _ in },
            error: TrainingError(
                .invalidData, "example 2 of 'five' has the target inf for 'p'; expected a finite number")),
        Misfit(
            targets: values, outputs: 2, change: { $0.loss = .binaryCrossEntropy },
            error: TrainingError(
                .invalidData,
                "example 1 of 'five' has the target -1.0 for 'q'; expected from 0 to 1, as the loss is "
                    + "'binaryCrossEntropy'")),
    ]

    @Test(arguments: misfits.indices)
    func `options, targets and outputs that do not fit are refused`(index: Int) throws {
        let misfit = Self.misfits[index]
        var options = TrainingOptions()
        misfit.change(&options)
        let network = try Self.network(outputs: misfit.outputs, end: misfit.endsInSoftmax ? Softmax() : nil)
        #expect(throws: misfit.error) {
            try LossFunction(options, data: Self.data(misfit.targets), network: network)
        }
    }

    @Test func `an error says what mends it`() {
        let error = TrainingError(.invalidOption, "it is wrong", help: "do it right")
        #expect("\(error)" == "it is wrong; do it right")
    }
}
