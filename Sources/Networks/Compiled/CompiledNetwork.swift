package import Kernels
internal import Tensors

/// A network that is ready to run on batches of up to a given number of examples.
///
/// Memory is planned and passes are bound once; forward, backward and changes of learnables then allocate nothing. A
/// batch is cut into chunks by its size alone, gradients and statistics are summed in the order of chunks: the same
/// bytes on any number of threads. A compiled network is used by one thread at a time; inside it uses the pool's.
///
/// Values and gradients are `[example][channel][position]`, row-major float32.
///
/// ```swift
/// let compiled = try CompiledNetwork(network, batchCapacity: 32, purpose: .training, pool: pool)
/// compiled.setInput(examples, count: 32)
/// compiled.forward(count: 32, mode: .training(dropoutSeed: seed, step: 7))
/// // write d(loss)/d(logits) to compiled.gradient(of: compiled.logits)
/// compiled.backward(from: compiled.logits, count: 32)
/// SolverKernels.sgdm(compiled.learnables, gradients: compiled.learnableGradients, ...)
/// ```
package final class CompiledNetwork {
    package enum Purpose: Hashable, Sendable {
        /// Forward only.
        case inference
        /// Forward and backward: with gradients of all values and learnables.
        case training
    }

    package enum Observation: Hashable, Sendable {
        /// The values and gradients of every node may be looked at.
        case everything
        /// Only those of ``CompiledNetwork/logits`` and the values of the output: layers may be fused, memory is used
        /// again, and no gradient is computed that no learnable needs.
        case result
    }

    package enum Mode: Hashable, Sendable {
        /// Batch normalization by its states, no dropout.
        case inference
        /// Batch normalization by the batch, whose statistics the states follow; dropout drawn by seed, name and step.
        case training(dropoutSeed: UInt64, step: Int)
    }

    package let network: Network
    package let batchCapacity: Int
    package let purpose: Purpose
    package let observation: Observation
    /// All learnables, flat, in the order of the network's specifications.
    package var learnables: FloatBuffer { memory.learnables }
    /// The gradients of the learnables, in the same layout; overwritten by each ``backward(from:count:)``, zero for
    /// what does not lie before its node.
    package var learnableGradients: FloatBuffer { memory.learnableGradients }
    /// All states, flat, in the order of the network's specifications.
    package var states: FloatBuffer { memory.states }
    /// The node whose output the loss reads: the input of a final softmax, otherwise the output node.
    package let logits: String

    private let memory: NetworkMemory
    private let pool: WorkerPool
    private var forwardPlans: [PassPlan.Kind: PassPlan] = [:]
    private let sum: PoolTask
    private var backwardPlans: [String: [PassPlan.Kind: PassPlan]] = [:]
    /// What the last forward pass was.
    private var kind = PassPlan.Kind(mode: .inference, isRagged: false)

    /// - Parameters:
    ///   - network: Complete, with one input and kinds of layers that can run.
    ///   - batchCapacity: The most examples of one batch, one or more.
    ///   - purpose: Whether gradients are needed.
    ///   - observation: What the caller will look at.
    ///   - lossNode: The node that ``logits`` is to be, if another than the usual one.
    ///   - pool: The program's threads.
    /// - Throws: ``NetworkError`` that names the layer: with code `notComputable` if it cannot run, with code
    ///   `missingParameter` if a parameter is missing.
    package init(
        _ network: Network, batchCapacity: Int, purpose: Purpose, observing observation: Observation = .everything,
        lossAt lossNode: String? = nil, pool: WorkerPool
    ) throws(NetworkError) {
        precondition(batchCapacity >= 1, "a batch of \(batchCapacity) examples")
        guard network.inputs.count == 1, let last = network.outputs.last else {
            throw NetworkError(.notComputable, "the network has \(network.inputs.count) inputs; only one can run")
        }
        self.network = network
        self.batchCapacity = batchCapacity
        self.purpose = purpose
        self.observation = observation
        self.pool = pool
        logits = lossNode ?? (last.layer is Softmax ? last.inputs[0] : last.name)
        let results = Set([logits, last.name].compactMap(network.index(of:)))
        let memory = try NetworkMemory(
            network, batchCapacity: batchCapacity, observing: observation == .result ? results : nil,
            backwardFrom: purpose == .training ? network.index(of: logits) : nil)
        self.memory = memory
        sum = PoolTask { memory.sumGradients(in: memory.learnableBlock($0)) }
        for mode in OperationMode.allCases {
            let kind = PassPlan.Kind(mode: mode, isRagged: false)
            forwardPlans[kind] = PassPlan(forward: memory, kind)
            guard purpose == .training else { continue }
            backwardPlans[logits, default: [:]][kind] = planBackward(logits, kind)
        }
    }
}

// MARK: - Running

extension CompiledNetwork {
    /// Sets the input of the next forward pass.
    ///
    /// - Parameter examples: `[count] + input shape`, raw: the input layer normalizes.
    package func setInput(_ examples: [Float], count: Int) {
        check(count)
        precondition(examples.count == count * memory.inputCount, "\(examples.count) floats are not \(count) examples")
        memory.lengths.set(nil)
        memory.input.copy(from: examples)
    }

    /// Sets the input of the next forward pass to sequences of unequal length.
    ///
    /// What lies beyond a sequence's steps, and is not cleared by `fill`, is never looked at.
    ///
    /// - Parameters:
    ///   - steps: The length of each sequence, as ``Network/check(steps:)`` accepts them; `nil` if all are as long as the
    ///     network reads.
    ///   - fill: Writes the examples, `[count] + input shape`, raw: the input layer normalizes.
    package func setInput<Failure: Error>(
        count: Int, steps: [Int]?, fill: (Floats) throws(Failure) -> Void
    ) throws(Failure) {
        check(count)
        precondition(steps.map { $0.count == count } ?? true, "\(steps?.count ?? 0) lengths of \(count) examples")
        memory.lengths.set(steps)
        try fill(memory.input.pointer)
    }

    /// Computes the values of every node for the examples that were set.
    package func forward(count: Int, mode: Mode) {
        check(count)
        switch mode {
        case .inference:
            memory.setBatch(of: count, dropoutSeed: 0, step: 0)
            kind = PassPlan.Kind(mode: .inference, isRagged: !memory.lengths.isFull)
        case .training(let seed, let step):
            memory.setBatch(of: count, dropoutSeed: seed, step: step)
            kind = PassPlan.Kind(mode: .training, isRagged: !memory.lengths.isFull)
        }
        if let plan = forwardPlans[kind] { return plan.run(memory.batch, pool: pool) }
        let plan = PassPlan(forward: memory, kind)
        forwardPlans[kind] = plan
        plan.run(memory.batch, pool: pool)
    }

    /// Computes the gradients of every node before the given one, and of their learnables.
    ///
    /// The caller has written d(loss)/d(output) to ``gradient(of:)`` of the node. The pass belongs to the last
    /// ``forward(count:mode:)`` and follows its mode.
    ///
    /// - Parameters:
    ///   - node: Any node that may be observed; the first call for another node than ``logits`` plans its passes.
    ///   - task: What is done with each block of learnables as soon as its gradients are complete.
    package func backward(from node: String, count: Int, then task: LearnableTask? = nil) {
        precondition(purpose == .training, "a network compiled for inference has no gradients")
        precondition(count == memory.batch.count, "backward of \(count) examples, forward of \(memory.batch.count)")
        if let plan = backwardPlans[node]?[kind] {
            plan.run(memory.batch, pool: pool)
        } else {
            let plan = planBackward(node, kind)
            backwardPlans[node, default: [:]][kind] = plan
            plan.run(memory.batch, pool: pool)
        }
        pool.run(chunks: memory.learnableBlockCount, task?.afterSum ?? sum)
    }

    private func planBackward(_ node: String, _ kind: PassPlan.Kind) -> PassPlan {
        PassPlan(backward: memory, from: observableIndex(of: node), kind)
    }

    private func check(_ count: Int) {
        precondition(count >= 1 && count <= batchCapacity, "a batch of \(count) examples, 1 to \(batchCapacity) fit")
    }
}

// MARK: - Learnables, block by block

extension CompiledNetwork {
    /// Into how many blocks the learnables are cut for work on all of them; a function of their number alone.
    package var learnableBlockCount: Int { memory.learnableBlockCount }

    /// Prepares work on learnables, such as a solver's step: ``run(_:)`` and ``backward(from:count:then:)`` then call it
    /// for every block, on any thread and in any order, and allocate nothing.
    ///
    /// - Parameter body: Given the number of a block and where its learnables lie in the flat buffers. Must not get into
    ///   the way of a call for another block.
    package func learnableTask(_ body: @escaping (_ block: Int, _ range: Range<Int>) -> Void) -> LearnableTask {
        let memory = memory
        return LearnableTask(
            alone: PoolTask { body($0, memory.learnableBlock($0)) },
            afterSum: PoolTask {
                let range = memory.learnableBlock($0)
                memory.sumGradients(in: range)
                body($0, range)
            })
    }

    /// Works on all blocks of learnables.
    package func run(_ task: LearnableTask) { pool.run(chunks: memory.learnableBlockCount, task.alone) }
}

/// Work on the learnables of one compiled network, block by block.
package struct LearnableTask {
    fileprivate let alone: PoolTask
    fileprivate let afterSum: PoolTask
}

// MARK: - Results

extension CompiledNetwork {
    /// The output of a node that may be observed, `[batchCapacity] + shape`; valid for the examples of the last forward
    /// pass.
    package func values(of node: String) -> FloatBuffer {
        guard let values = memory.values[observableIndex(of: node)] else {
            preconditionFailure("the values of '\(node)' do not exist")
        }
        return values
    }

    /// How many steps of a node's output are valid, for each example of the last forward pass.
    ///
    /// - Returns: `nil` if all steps are valid, or the output has none; what is not valid is zero.
    package func validSteps(of node: String) -> [Int]? {
        guard let index = network.index(of: node) else { preconditionFailure("no layer has the name '\(node)'") }
        guard let counts = memory.lengths.counts[index], !counts.isFull else { return nil }
        return (0..<memory.batch.count).map { counts[$0] }
    }

    /// The largest magnitude that a state took which a node's output does not show, such as the cell of an LSTM, in the
    /// last forward pass; zero for a node without such a state.
    package func statePeak(of node: String) -> Float {
        let index = observableIndex(of: node)
        var peak: Float = 0
        for (step, place) in zip(memory.steps, memory.places) where step.node == index {
            for chunk in 0..<memory.batch.chunks {
                peak = max(peak, step.operation.statePeak(of: memory.chunk(chunk), in: place))
            }
        }
        return peak
    }

    /// The gradient of a node's output, in the layout of its values; of ``logits`` alone if only the result is observed.
    package func gradient(of node: String) -> FloatBuffer {
        precondition(purpose == .training, "a network compiled for inference has no gradients")
        guard let gradient = memory.gradients[observableIndex(of: node)] else {
            preconditionFailure("the gradient of '\(node)' is not computed")
        }
        return gradient
    }

    /// Whether the loss depends on a node's output, so that it has a gradient.
    package func hasGradient(of node: String) -> Bool {
        network.index(of: node).map { memory.gradients[$0] != nil } ?? false
    }

    private func observableIndex(of node: String) -> Int {
        guard let index = network.index(of: node) else { preconditionFailure("no layer has the name '\(node)'") }
        let isResult = node == logits || node == network.outputs.last?.name
        precondition(observation == .everything || isResult, "only the result is observed, not '\(node)'")
        return index
    }

    /// How many floats the values and gradients of all nodes take together.
    package var valueAndGradientCount: Int { memory.valueAndGradientCount }

    /// The network with the learnables and states of now.
    package func currentNetwork() -> Network {
        var copy = network
        do {
            try copy.setParameters(memory.currentParameters())
        } catch {
            preconditionFailure("parameters of the same network do not fit: \(error)")
        }
        return copy
    }
}
