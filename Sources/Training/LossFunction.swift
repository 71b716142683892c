package import Datasets
package import Kernels
package import Networks
internal import Tensors

/// What training minimizes: a loss of a network's outputs beside the targets of a data set.
///
/// Losses of classes read logits: the input of a final softmax (``Kind/crossEntropy``) or sigmoid
/// (``Kind/binaryCrossEntropy``), otherwise the output. Losses of values read the output.
///
/// ```swift
/// let loss = try LossFunction(options, data: data, network: network)
/// let batch = loss.evaluate(
///     compiled.values(of: loss.node), targets: data.targets, rows: rows, gradient: compiled.gradient(of: loss.node))
/// ```
package struct LossFunction: Hashable, Sendable {
    /// The loss of one example; `p` are probabilities, `e` an output less its target.
    package enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// `-w[y] log p[y]`, one of several classes; with label smoothing (Szegedy et al. 2016) as PyTorch has it.
        case crossEntropy
        /// The mean over the outputs of `-t log p - (1 - t) log(1 - p)`: one output a label, or one for two classes.
        case binaryCrossEntropy
        /// The mean over the outputs of `e^2`.
        case mse
        /// The mean over the outputs of `|e|`.
        case mae
        /// The mean over the outputs of `e^2 / 2` up to `huberDelta`, of `delta (|e| - delta / 2)` beyond (Huber 1964).
        case huber

        /// Whether its targets are classes or their probabilities.
        var isOfClasses: Bool { self == .crossEntropy || self == .binaryCrossEntropy }
    }

    package enum Reduction: Hashable, Sendable {
        /// The weighted mean over the batch: what training minimizes.
        case mean
        /// The sum over the batch: what importance scores are made of, so that they do not depend on the batch size.
        case sum
    }

    package let kind: Kind
    /// The node whose values it reads and whose gradient it gives.
    package let node: String
    /// How many values of that node an example has.
    package let outputs: Int

    /// One for each class; empty where targets are values.
    private let weights: [Float]
    private let smoothing: Double
    private let delta: Double

    /// The loss that the options ask for, or that of the task: cross-entropy of classes (binary, if the network has one
    /// output or ends in a sigmoid), otherwise the mean squared error.
    ///
    /// - Parameters:
    ///   - data: Class weights are balanced by its classes.
    ///   - network: Whose last output the loss is of.
    /// - Throws: ``TrainingError`` with code `invalidOption` that names the option, or with code `invalidData` if outputs
    ///   and targets do not fit or a target is none.
    package init(_ options: TrainingOptions, data: Dataset, network: Network) throws(TrainingError) {
        let end = NetworkEnd(network)
        kind = options.loss ?? .usual(for: data.targets, of: network)
        node = kind == end.normalizes ? end.last.inputs[0] : end.last.name
        outputs = end.outputs
        smoothing = options.labelSmoothing
        delta = options.huberDelta
        try end.checkFit(data, of: kind)
        switch data.targets {
        case .classes(let names, let labels):
            weights =
                try options.classWeights?.weights(labels: labels, classes: names)
                ?? Array(repeating: 1, count: names.count)
        case .values(let names, let values):
            guard options.classWeights == nil else { throw .weightsWithoutClasses(data) }
            try Self.check(values, names: names, of: kind, in: data)
            weights = []
        }
        if smoothing > 0, !kind.isOfClasses { throw .smoothing(of: kind) }
    }
}

// MARK: - A batch

extension LossFunction {
    /// What a batch came to, or several.
    package struct Batch: Codable, Hashable, Sendable {
        package var sums = LossKernels.Sums()
        package var count = 0

        package init() {}

        fileprivate init(_ sums: LossKernels.Sums, count: Int) { (self.sums, self.count) = (sums, count) }

        package static func += (total: inout Batch, batch: Batch) {
            total.sums.loss += batch.sums.loss
            total.sums.weight += batch.sums.weight
            total.sums.squares += batch.sums.squares
            total.sums.correct += batch.sums.correct
            total.count += batch.count
        }

        /// The weighted mean loss of an example.
        package var loss: Double { sums.weight > 0 ? sums.loss / sums.weight : 0 }
        /// Of classes: the share of examples whose largest output is that of their class.
        package var accuracy: Double { Double(sums.correct) / Double(max(1, count)) }
        /// Of values: the root of the mean square of an output's error.
        package var rmse: Double { (sums.squares / Double(max(1, count))).squareRoot() }
        package var isFinite: Bool { sums.loss.isFinite }
    }

    /// The loss of some examples, and its gradient.
    ///
    /// - Parameters:
    ///   - values: Of ``node``, `[examples][outputs]`.
    ///   - targets: Those of a data set, of the kind that the loss was made for.
    ///   - rows: Which of them the examples are.
    ///   - gradient: Takes the gradient with respect to the values, if given.
    package func evaluate(
        _ values: FloatBuffer, targets: Targets, rows: ArraySlice<Int>, gradient: FloatBuffer? = nil,
        reduction: Reduction = .mean
    ) -> Batch {
        let scale: Float? = reduction == .sum ? 1 : nil
        let sums: LossKernels.Sums
        switch (targets, kind) {
        case (.classes(_, let labels), .crossEntropy):
            sums = LossKernels.crossEntropy(
                values, labels: labels, rows: rows, weights: weights, smoothing: smoothing, gradient: gradient,
                scale: scale)
        case (.classes(_, let labels), .binaryCrossEntropy):
            sums = LossKernels.binaryCrossEntropy(
                values, outputs: outputs, labels: labels, rows: rows, weights: weights, smoothing: smoothing,
                gradient: gradient, scale: scale)
        case (.values(_, let targets), .binaryCrossEntropy):
            sums = LossKernels.binaryCrossEntropy(
                values, outputs: outputs, targets: targets, rows: rows, smoothing: smoothing, gradient: gradient,
                scale: scale)
        case (.values(_, let targets), .mse), (.values(_, let targets), .mae), (.values(_, let targets), .huber):
            let error: LossKernels.Error =
                kind == .mse ? .squared : kind == .mae ? .absolute : .huber(delta: delta)
            sums = LossKernels.regression(
                error, values, outputs: outputs, targets: targets, rows: rows, gradient: gradient, scale: scale)
        default: preconditionFailure("a loss '\(kind.rawValue)' of targets that it was not made for")
        }
        return Batch(sums, count: rows.count)
    }
}

// MARK: - What fits

extension LossFunction.Kind {
    /// The loss of a task if no other is asked for.
    package static func usual(for targets: Targets, of network: Network) -> Self {
        let end = NetworkEnd(network)
        switch targets {
        case .values: return .mse
        case .classes(let names, _):
            let isBinary = end.normalizes == .binaryCrossEntropy || end.outputs == 1 && names.count == 2
            return isBinary ? .binaryCrossEntropy : .crossEntropy
        }
    }
}

extension LossFunction {
    private static func check(
        _ values: [Float], names: [String], of kind: Kind, in data: Dataset
    ) throws(TrainingError) {
        for (index, value) in values.enumerated() {
            let (row, name) = (index / names.count + 1, names[index % names.count])
            guard value.isFinite else { throw .target(value, name, row, data, expected: "a finite number") }
            guard !kind.isOfClasses || (0...1).contains(value) else {
                throw .target(value, name, row, data, expected: "from 0 to 1, as the loss is '\(kind.rawValue)'")
            }
        }
    }
}

/// The last output of a network, and what it is made to be compared with.
private struct NetworkEnd {
    let last: Network.Node
    let outputs: Int
    /// The loss whose logits stand before the last layer: that of a final softmax or sigmoid.
    let normalizes: LossFunction.Kind?

    init(_ network: Network) {
        guard let last = network.outputs.last, let shape = network.shape(of: last.name) else {
            preconditionFailure("a network without an output")
        }
        self.last = last
        outputs = shape.count
        switch last.layer {
        case is Softmax: normalizes = .crossEntropy
        case is Sigmoid: normalizes = .binaryCrossEntropy
        default: normalizes = nil
        }
    }

    func checkFit(_ data: Dataset, of loss: LossFunction.Kind) throws(TrainingError) {
        switch (data.targets, loss) {
        case (.classes, .mse), (.classes, .mae), (.classes, .huber):
            throw .task(loss, "of values", data, "classes", instead: [.crossEntropy, .binaryCrossEntropy])
        case (.values, .crossEntropy):
            throw .task(loss, "of classes", data, "values", instead: [.mse, .mae, .huber, .binaryCrossEntropy])
        case (.classes(let names, _), _):
            let isBinary = loss == .binaryCrossEntropy && outputs == 1 && names.count == 2
            guard isBinary || outputs == names.count else { throw .outputs(last, outputs, names, data, loss) }
        case (.values(let names, _), _):
            guard outputs == names.count else { throw .outputs(last, outputs, names, data, loss) }
        }
        let isLinked = normalizes == .crossEntropy || normalizes == .binaryCrossEntropy && loss == .crossEntropy
        if let normalizes, isLinked, normalizes != loss { throw .end(last, normalizes, loss, data) }
    }
}

// MARK: - Messages

extension TrainingError {
    fileprivate static func task(
        _ loss: LossFunction.Kind, _ ofWhat: String, _ data: Dataset, _ has: String, instead: [LossFunction.Kind]
    ) -> TrainingError {
        TrainingError(
            .invalidOption, "loss '\(loss.rawValue)' is \(ofWhat), and the targets of '\(data.name)' are \(has)",
            option: "loss", help: "choose one of " + instead.map(\.rawValue).joined(separator: ", "))
    }

    fileprivate static func outputs(
        _ last: Network.Node, _ outputs: Int, _ names: [String], _ data: Dataset, _ loss: LossFunction.Kind
    ) -> TrainingError {
        let what = if case .classes = data.targets { "classes" } else { "targets" }
        return TrainingError(
            .invalidData,
            "layer '\(last.name)' gives \(outputs) \(what == "classes" ? "scores" : "values"), and '\(data.name)' has "
                + "\(names.count) \(what): \(names.joined(separator: ", "))",
            option: "loss",
            help: loss == .crossEntropy && outputs == 1 && names.count == 2
                ? "one output tells two classes apart with loss 'binaryCrossEntropy'" : nil)
    }

    fileprivate static func end(
        _ last: Network.Node, _ normalizes: LossFunction.Kind, _ loss: LossFunction.Kind, _ data: Dataset
    ) -> TrainingError {
        let choice = if case .classes = data.targets { "choose '\(normalizes.rawValue)', or " } else { "" }
        return TrainingError(
            .invalidOption,
            "loss '\(loss.rawValue)' does not go with layer '\(last.name)' (\(last.layer.kind)), the last of the network",
            option: "loss", help: choice + "end the network before that layer")
    }

    fileprivate static func weightsWithoutClasses(_ data: Dataset) -> TrainingError {
        TrainingError(
            .invalidOption, "'classWeights' is of classes, and the targets of '\(data.name)' are values",
            option: "classWeights", help: "leave it out")
    }

    fileprivate static func smoothing(of loss: LossFunction.Kind) -> TrainingError {
        TrainingError(
            .invalidOption, "'labelSmoothing' is of classes, and loss '\(loss.rawValue)' is of values",
            option: "labelSmoothing", help: "leave it out")
    }

    fileprivate static func target(
        _ value: Float, _ name: String, _ row: Int, _ data: Dataset, expected: String
    ) -> TrainingError {
        TrainingError(
            .invalidData, "example \(row) of '\(data.name)' has the target \(value) for '\(name)'; expected \(expected)"
        )
    }
}
