internal import Kernels
internal import Tensors

/// All memory of a compiled network, and its operations in their places.
final class NetworkMemory {
    /// What a step does not write to the gradient of a node, for others have written there, but is added to it.
    struct Addend {
        let values: FloatBuffer
        let node: Int
    }

    let network: Network
    let steps: [NetworkStep]
    /// The memory of each step.
    let places: [OperationPlace]
    let learnables: FloatBuffer
    let states: FloatBuffer
    let learnableGradients: FloatBuffer
    /// Raw data of the batch, and the floats of one example.
    let input: FloatBuffer
    let inputCount: Int
    /// The values and gradients of each node; `nil` for those that do not exist.
    let values: [FloatBuffer?]
    let gradients: [FloatBuffer?]
    /// How many floats they take together.
    let valueAndGradientCount: Int
    /// What is added to gradients after the backward passes of each step.
    let addends: [[Addend]]
    /// The step that overwrites the gradient of each node.
    let firstWriters: [Int?]
    /// Where the learnables of each step lie in the flat buffer.
    let learnableRanges: [Range<Int>]
    /// The lengths of the batch that is set.
    let lengths: BatchLengths
    /// The batch of the last forward pass.
    private(set) var batch = Batch(count: 0, chunks: 0, dropoutSeed: 0, step: 0)

    private let constants: FloatBuffer
    private let kept: FloatBuffer
    private let chunkGradients: FloatBuffer
    private let scratch: FloatBuffer
    private let scratchStep: Int
    private let minimumChunk: Int

    /// - Parameters:
    ///   - observed: Nodes whose values and gradients are looked at; `nil` for all.
    ///   - start: The node from which gradients go back; `nil` for a network that only runs forward.
    init(
        _ network: Network, batchCapacity: Int, observing observed: Set<Int>?, backwardFrom start: Int?
    ) throws(NetworkError) {
        let trains = start != nil
        self.network = network
        let steps = try network.steps(observing: observed)
        self.steps = steps
        minimumChunk = steps.map(\.operation.minimumChunk).max() ?? 1
        // Fewer examples are never cut into more chunks.
        let chunkCount = Self.chunkCount(batchCapacity, minimumChunk: minimumChunk)
        let minimum = minimumChunk
        let limits = BatchLimits(
            examples: batchCapacity, chunks: chunkCount,
            chunkExamples: (1...batchCapacity).map { ($0 - 1) / Self.chunkCount($0, minimumChunk: minimum) + 1 }.max()
                ?? 1)

        let parameters = try ParameterMemory(network)
        (learnables, states, constants) = (parameters.learnables, parameters.states, parameters.constants)
        learnableGradients = FloatBuffer(count: trains ? learnables.count : 0)
        let chunkGradients = FloatBuffer(count: trains ? learnables.count * chunkCount : 0)
        self.chunkGradients = chunkGradients
        learnableRanges = steps.map { parameters.learnableRanges[$0.node] }

        inputCount = zip(network.nodes, network.shapes).first { $0.0.inputs.isEmpty }?.1.count ?? 0
        let input = FloatBuffer(count: batchCapacity * inputCount)
        self.input = input
        let plan = MemoryPlan(network, steps, observing: observed, backwardFrom: start)
        let (starts, sharedCount) = plan.layout(examples: batchCapacity)
        let shared = FloatBuffer(count: sharedCount)
        let buffers = zip(plan.blocks, starts).map { block, start in
            start.map { FloatBuffer(part: $0..<$0 + block.count * batchCapacity, of: shared) }
                ?? FloatBuffer(count: block.count * batchCapacity)
        }
        valueAndGradientCount =
            sharedCount
            + zip(plan.blocks, starts).reduce(0) { $0 + ($1.1 == nil ? $1.0.count * batchCapacity : 0) }
        let values = plan.values.map { $0.map { buffers[$0] } }
        let gradients = plan.gradients.map { $0.map { buffers[$0] } }
        (self.values, self.gradients, firstWriters) = (values, gradients, plan.firstWriters)

        // Each operation's own memory starts at a cache line.
        var (keptStarts, keptCount, scratchCount) = ([Int](), 0, 0)
        for step in steps {
            let needs = step.operation.memory(for: limits)
            keptStarts.append(keptCount)
            keptCount += (needs.kept + 15) / 16 * 16
            scratchCount = max(scratchCount, needs.scratch)
        }
        kept = FloatBuffer(count: keptCount)
        scratchStep = (scratchCount + 15) / 16 * 16
        scratch = FloatBuffer(count: chunkCount * scratchStep)

        let lengths = BatchLengths(network, batchCapacity: batchCapacity)
        self.lengths = lengths
        var places: [OperationPlace] = []
        var addends: [[Addend]] = []
        for (index, step) in steps.enumerated() {
            let inputGradients = plan.inputGradients[index]
            places.append(
                OperationPlace(
                    name: network.nodes[step.node].name,
                    inputs: step.sources.isEmpty ? [input] : step.sources.map { values[$0] ?? input },
                    output: values[step.output] ?? input,
                    inputSteps: step.sources.isEmpty
                        ? [lengths.counts[step.output]] : step.sources.map { lengths.counts[$0] },
                    outputSteps: lengths.counts[step.output],
                    inputGradients: trains ? inputGradients.map { $0.map { buffers[$0] } } : [],
                    outputGradient: gradients[step.output],
                    parameters: parameters.places[step.node],
                    kept: kept.pointer + keptStarts[index],
                    gradients: trains ? parameters.learnableStarts[step.node].map { chunkGradients.pointer + $0 } : [],
                    gradientStep: learnables.count))
            addends.append(
                zip(step.sources, inputGradients).compactMap { source, block in
                    guard let block, block != plan.gradients[source] else { return nil }
                    return Addend(values: buffers[block], node: source)
                })
        }
        (self.places, self.addends) = (places, addends)
    }

    /// The network's learnables and states as they are now, by name.
    func currentParameters() -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        var (learnable, state) = (0, 0)
        for (name, specification) in network.specifications {
            let (shape, count) = (specification.shape, specification.shape.count)
            switch specification.role {
            case .learnable:
                tensors[name] = Tensor(learnables.array(in: learnable..<learnable + count), shape: shape)
                learnable += count
            case .state:
                tensors[name] = Tensor(states.array(in: state..<state + count), shape: shape)
                state += count
            case .constant: break
            }
        }
        return tensors
    }
}

// MARK: - Batches and chunks

extension NetworkMemory {
    private static let maximumChunks = 16

    /// Into how many chunks a batch is cut; their sizes differ by one example at most, the larger ones come first.
    ///
    /// Results depend on it, as sums are taken chunk by chunk: it may depend on the network and the number of examples
    /// only.
    private static func chunkCount(_ examples: Int, minimumChunk: Int) -> Int {
        max(1, min(maximumChunks, examples / max(1, minimumChunk)))
    }

    /// Sets the batch that passes work on from now on.
    func setBatch(of count: Int, dropoutSeed: UInt64, step: Int) {
        batch = Batch(
            count: count, chunks: Self.chunkCount(count, minimumChunk: minimumChunk), dropoutSeed: dropoutSeed,
            step: step)
    }

    func chunk(_ index: Int) -> Chunk {
        let (size, larger) = batch.count.quotientAndRemainder(dividingBy: batch.chunks)
        return Chunk(
            batch: batch, index: index, first: index * size + min(index, larger),
            count: size + (index < larger ? 1 : 0),
            scratch: scratch.pointer + index * scratchStep)
    }
}

// MARK: - Gradients of learnables

extension NetworkMemory {
    private static let blockSize = 8192

    /// Into how many blocks the learnables are cut for work on all of them, and where each lies.
    var learnableBlockCount: Int { (learnables.count + Self.blockSize - 1) / Self.blockSize }

    func learnableBlock(_ index: Int) -> Range<Int> {
        index * Self.blockSize..<min((index + 1) * Self.blockSize, learnables.count)
    }

    /// Clears a chunk's gradients of a step's learnables.
    func clearGradients(ofStep step: Int, chunk: Chunk) {
        let range = learnableRanges[step]
        (chunkGradients.pointer + chunk.index * learnables.count + range.lowerBound)
            .update(repeating: 0, count: range.count)
    }

    /// Sums the chunks' gradients of some learnables in the order of chunks.
    func sumGradients(in range: Range<Int>) {
        let target = learnableGradients.pointer + range.lowerBound
        let source = chunkGradients.pointer + range.lowerBound
        target.update(from: source, count: range.count)
        for chunk in 1..<batch.chunks {
            ElementKernels.add(count: range.count, target, source + chunk * learnables.count, to: target)
        }
    }
}
