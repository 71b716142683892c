internal import Kernels
internal import Networks
internal import Tensors

/// Changes learnables by their gradients: regularization, gradient threshold and solver in one pass.
///
/// Its moments are two flat buffers in the layout of the learnables. The pass is cut into blocks that any thread may
/// take; blocks do not depend on the number of threads, and no element on its block.
final class Solver {
    /// The mean of the gradients, or the velocity of `sgdm`; empty for `rmsprop`.
    let first: FloatBuffer
    /// The mean of their squares; empty for `sgdm`.
    let second: FloatBuffer

    /// One learnable of the network.
    private struct Part {
        let range: Range<Int>
        /// Biases are not regularized.
        let isRegularized: Bool
        /// What its gradient is multiplied with in this step, by the gradient threshold.
        var scale: Float = 1
    }

    private let options: TrainingOptions
    private let learnables: FloatBuffer
    private let gradients: FloatBuffer
    private var parts: [Part]
    private var step = 0
    private var learnRate: Float = 0

    /// - Parameter learnables: What is changed, in the layout of the network's learnables.
    init(_ options: TrainingOptions, changing learnables: FloatBuffer, of compiled: CompiledNetwork) {
        self.options = options
        (self.learnables, gradients) = (learnables, compiled.learnableGradients)
        first = FloatBuffer(count: options.solver == .rmsprop ? 0 : learnables.count)
        second = FloatBuffer(count: options.solver == .sgdm ? 0 : learnables.count)
        parts = compiled.network.learnableRanges.map { _, specification, range in
            Part(range: range, isRegularized: !["bias", "recurrentBias"].contains(specification.name))
        }
    }

    /// Prepares a step.
    ///
    /// - Parameter step: Counted from 1.
    func begin(step: Int, learnRate: Double) {
        self.step = step
        self.learnRate = Float(learnRate)
    }

    /// Whether a step has to know all gradients before it changes a learnable: ``measureGradients()`` is called then.
    var measuresGradients: Bool { options.gradientThreshold != nil && options.thresholdMethod != .absoluteValue }

    /// Measures the gradients by the threshold of their norm.
    func measureGradients() {
        guard let threshold = options.gradientThreshold else { return }
        var total = 0.0
        for index in parts.indices {
            let part = parts[index]
            let squares = SolverKernels.sumOfSquares(
                gradients, l2: l2(of: part), weights: learnables, in: part.range)
            total += squares
            parts[index].scale = Self.scale(squares, threshold)
        }
        guard options.thresholdMethod == .globalNorm else { return }
        for index in parts.indices { parts[index].scale = Self.scale(total, threshold) }
    }

    /// Changes the learnables of a block.
    ///
    /// Several blocks may be changed at once.
    func update(_ block: Range<Int>) {
        for part in parts where part.range.overlaps(block) {
            let range = part.range.clamped(to: block)
            var change = GradientChange(l2: l2(of: part), scale: part.scale)
            if let threshold = options.gradientThreshold, options.thresholdMethod == .absoluteValue {
                change.limit = Float(threshold)
            }
            switch options.solver {
            case .adam, .adamw:
                SolverKernels.adam(
                    learnables, gradients: gradients, first: first, second: second, in: range, change: change,
                    decay: options.solver == .adamw && part.isRegularized ? Float(options.l2Regularization) : 0,
                    step: step, learnRate: learnRate, beta1: Float(options.gradientDecay),
                    beta2: Float(options.squaredGradientDecay), epsilon: Float(options.epsilon))
            case .sgdm:
                SolverKernels.sgdm(
                    learnables, gradients: gradients, velocity: first, in: range, change: change,
                    learnRate: learnRate, momentum: Float(options.momentum))
            case .rmsprop:
                SolverKernels.rmsprop(
                    learnables, gradients: gradients, second: second, in: range, change: change,
                    learnRate: learnRate, beta: options.squaredGradientDecay, epsilon: Float(options.epsilon))
            }
        }
    }

    /// What is added to the gradient, times the learnable.
    private func l2(of part: Part) -> Float {
        part.isRegularized && options.solver != .adamw ? Float(options.l2Regularization) : 0
    }

    private static func scale(_ squares: Double, _ threshold: Double) -> Float {
        let norm = squares.squareRoot()
        return norm > threshold ? Float(threshold / norm) : 1
    }
}
