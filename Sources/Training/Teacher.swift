internal import Datasets
internal import Kernels
internal import Networks

/// A network whose outputs a student learns beside the targets (Hinton, Vinyals and Dean 2015).
///
/// The loss of a batch becomes `(1 - alpha) L + alpha D`. `L` is the loss of the targets, and `D` the mean over examples of
/// `T^2 KL(teacher / T || student / T)`, of the softmax or of each sigmoid; of values, the mean squared difference. The
/// teacher sees the very batch that the student sees, augmentation included, and computes as in inference. Class weights
/// and label smoothing are of `L` alone.
final class Teacher {
    private let compiled: CompiledNetwork
    private let outputs: FloatBuffer
    private let count: Int
    private let targets: LossKernels.SoftTargets
    private let temperature: Double
    private let alpha: Double

    /// - Parameters:
    ///   - network: Complete; it has passed ``Trainer/check(_:data:options:teacher:)``.
    ///   - loss: What the student minimizes.
    ///   - data: What the student is trained on.
    ///   - batchCapacity: The most examples of a batch.
    init(
        _ network: Network, loss: LossFunction, data: Dataset, options: TrainingOptions, batchCapacity: Int,
        pool: WorkerPool
    ) throws {
        let node = try loss.ofTeacher(network, data: data, options: options).node
        compiled = try CompiledNetwork(
            try network.normalizing(data), batchCapacity: batchCapacity, purpose: .inference, observing: .result,
            lossAt: node, pool: pool)
        outputs = compiled.values(of: node)
        count = loss.outputs
        targets = loss.kind == .crossEntropy ? .classes : loss.kind == .binaryCrossEntropy ? .labels : .values
        temperature = options.temperature ?? TrainingOptions.defaultTemperature
        alpha = options.alpha ?? TrainingOptions.defaultAlpha
    }

    /// Adds what the student's outputs differ from the teacher's to the loss of a batch and to its gradient.
    ///
    /// - Parameters:
    ///   - rows: The examples of the batch.
    ///   - augmenter: What has changed them for the student, in this epoch.
    ///   - values: The student's outputs, `[examples][outputs]`.
    /// - Throws: `DatasetError` if a file has changed since it was opened.
    func teach(
        _ batch: inout LossFunction.Batch, data: Dataset, rows: ArraySlice<Int>, augmenter: Augmenter?, epoch: Int,
        values: FloatBuffer, gradient: FloatBuffer
    ) throws {
        try compiled.setInput(data, rows: rows, augmenter: augmenter, epoch: epoch)
        compiled.forward(count: rows.count, mode: .inference)
        let divergence = LossKernels.distillation(
            targets, values, teacher: outputs, count: rows.count, outputs: count, temperature: temperature,
            alpha: alpha, gradient: gradient)
        // The loss of a batch is a weighted mean, and so is that of an epoch.
        batch.sums.loss = (1 - alpha) * batch.sums.loss + alpha * divergence * batch.sums.weight
    }
}

extension TrainingOptions {
    /// Of soft targets, where the options do not say.
    package static let defaultTemperature = 4.0
    package static let defaultAlpha = 0.5
}

// MARK: - What fits

extension LossFunction {
    /// The same loss, read where a teacher has its logits or values.
    ///
    /// - Throws: ``TrainingError`` that names the option `teacher` if it reads or gives something else.
    @discardableResult
    func ofTeacher(
        _ teacher: Network, data: Dataset, options: TrainingOptions
    ) throws(TrainingError) -> LossFunction {
        var options = options
        options.loss = kind
        do throws(TrainingError) {
            try teacher.checkInput(data)
            let loss = try LossFunction(options, data: data, network: teacher)
            guard loss.outputs == outputs else { throw TrainingError.outputs(loss, outputs) }
            return loss
        } catch {
            throw TrainingError(
                error.code, "the teacher does not fit: \(error.message)", option: "teacher",
                help: "name a stage whose network reads and gives the same as the one that is trained")
        }
    }
}

extension TrainingOptions {
    /// Checks what is of a teacher only, or of a teacher of classes.
    ///
    /// - Throws: ``TrainingError`` with code `invalidOption`.
    func checkDistillation(hasTeacher: Bool, loss: LossFunction) throws(TrainingError) {
        let written = temperature != nil ? "temperature" : alpha != nil ? "alpha" : nil
        if let written, !hasTeacher { throw .withoutTeacher(written) }
        if temperature != nil, !loss.kind.isOfClasses { throw .temperature(of: loss.kind) }
    }
}

// MARK: - Messages

extension TrainingError {
    fileprivate static func outputs(_ loss: LossFunction, _ outputs: Int) -> TrainingError {
        TrainingError(
            .invalidData,
            "it gives \(loss.outputs) values at '\(loss.node)', and the network that is trained \(outputs)")
    }

    fileprivate static func withoutTeacher(_ option: String) -> TrainingError {
        TrainingError(
            .invalidOption, "'\(option)' is of a teacher, and there is none", option: option,
            help: "name a stage with 'teacher', or leave it out")
    }

    fileprivate static func temperature(of loss: LossFunction.Kind) -> TrainingError {
        TrainingError(
            .invalidOption, "'temperature' is of classes, and loss '\(loss.rawValue)' is of values",
            option: "temperature", help: "leave it out")
    }
}
