internal import Kernels
internal import Tensors

/// All memory of a compiled network, and its operations in their places.
final class NetworkMemory {
    /// A node that reads another, and as which of its inputs.
    struct Reader {
        let node: Int
        let input: Int
    }

    let network: Network
    let learnables: FloatBuffer
    let states: FloatBuffer
    let learnableGradients: FloatBuffer
    /// Raw data of the batch, and the floats of one example.
    let input: FloatBuffer
    let inputCount: Int
    /// The values and, in training, the gradients of each node.
    let values: [FloatBuffer]
    let gradients: [FloatBuffer]
    /// Who reads each node, in order.
    let readers: [[Reader]]
    let operations: [any LayerOperation]
    let places: [OperationPlace]
    /// The lengths of the batch that is set.
    let lengths: BatchLengths
    /// The batch of the last forward pass.
    private(set) var batch = Batch(count: 0, chunks: 0, dropoutSeed: 0, step: 0)

    private let constants: FloatBuffer
    private let kept: FloatBuffer
    private let chunkGradients: FloatBuffer
    private let scratch: FloatBuffer
    private let scratchStep: Int
    private let limits: BatchLimits

    init(
        _ network: Network, batchCapacity: Int, purpose: CompiledNetwork.Purpose,
        observing observation: CompiledNetwork.Observation
    ) throws(NetworkError) {
        let trains = purpose == .training
        self.network = network
        limits = BatchLimits(examples: batchCapacity, chunks: min(Self.maximumChunks, batchCapacity))
        operations = try Self.operations(of: network)

        let parameters = try ParameterMemory(network)
        (learnables, states, constants) = (parameters.learnables, parameters.states, parameters.constants)
        learnableGradients = FloatBuffer(count: trains ? learnables.count : 0)
        let chunkGradients = FloatBuffer(count: trains ? learnables.count * limits.chunks : 0)
        self.chunkGradients = chunkGradients

        let values = network.shapes.map { FloatBuffer(count: batchCapacity * $0.count) }
        let gradients = trains ? network.shapes.map { FloatBuffer(count: batchCapacity * $0.count) } : []
        (self.values, self.gradients) = (values, gradients)
        inputCount = zip(network.nodes, network.shapes).first { $0.0.inputs.isEmpty }?.1.count ?? 0
        input = FloatBuffer(count: batchCapacity * inputCount)
        var readers = [[Reader]](repeating: [], count: network.nodes.count)
        for (index, node) in network.nodes.enumerated() {
            for (input, name) in node.inputs.enumerated() {
                readers[network.index(of: name) ?? 0].append(Reader(node: index, input: input))
            }
        }
        self.readers = readers

        // Each operation's own memory starts at a cache line.
        var (keptStarts, keptCount, scratchCount) = ([Int](), 0, 0)
        for operation in operations {
            let needs = operation.memory(for: limits)
            keptStarts.append(keptCount)
            keptCount += (needs.kept + 15) / 16 * 16
            scratchCount = max(scratchCount, needs.scratch)
        }
        kept = FloatBuffer(count: keptCount)
        scratchStep = (scratchCount + 15) / 16 * 16
        scratch = FloatBuffer(count: limits.chunks * scratchStep)

        let lengths = BatchLengths(network, batchCapacity: batchCapacity)
        self.lengths = lengths
        var places: [OperationPlace] = []
        for (index, node) in network.nodes.enumerated() {
            let sources = node.inputs.map { network.index(of: $0) ?? 0 }
            places.append(
                OperationPlace(
                    name: node.name,
                    inputs: sources.isEmpty ? [input] : sources.map { values[$0] },
                    output: values[index],
                    inputSteps: sources.isEmpty ? [lengths.counts[index]] : sources.map { lengths.counts[$0] },
                    outputSteps: lengths.counts[index],
                    inputGradients: !trains
                        ? []
                        : sources.map { source in
                            if observation == .result, network.nodes[source].inputs.isEmpty { return nil }
                            return readers[source].count == 1
                                ? gradients[source] : FloatBuffer(count: gradients[source].count)
                        },
                    outputGradient: trains ? gradients[index] : nil,
                    parameters: parameters.places[index],
                    kept: kept.pointer + keptStarts[index],
                    gradients: trains ? parameters.learnableStarts[index].map { chunkGradients.pointer + $0 } : [],
                    gradientStep: learnables.count))
        }
        self.places = places
    }

    private static func operations(of network: Network) throws(NetworkError) -> [any LayerOperation] {
        var operations: [any LayerOperation] = []
        for (node, shape) in zip(network.nodes, network.shapes) {
            do {
                operations.append(
                    try node.layer.operation(inputs: network.inputShapes(of: node), output: shape))
            } catch {
                throw error.of(node.name)
            }
        }
        return operations
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

    /// How a batch is cut: into chunks of one size, the last one perhaps smaller.
    ///
    /// Results depend on it, as sums are taken chunk by chunk: it may depend on the number of examples only.
    private static func chunking(_ examples: Int) -> (size: Int, chunks: Int) {
        let size = (examples + maximumChunks - 1) / maximumChunks
        return (size, (examples + size - 1) / size)
    }

    /// Sets the batch that passes work on from now on.
    func setBatch(of count: Int, dropoutSeed: UInt64, step: Int) {
        batch = Batch(count: count, chunks: Self.chunking(count).chunks, dropoutSeed: dropoutSeed, step: step)
    }

    func chunk(_ index: Int) -> Chunk {
        let size = Self.chunking(batch.count).size
        return Chunk(
            batch: batch, index: index, first: index * size, count: min(size, batch.count - index * size),
            scratch: scratch.pointer + index * scratchStep)
    }
}

// MARK: - Gradients of learnables

extension NetworkMemory {
    private static let blockSize = 8192

    /// Into how many blocks the learnables are cut for the sum over chunks.
    var gradientBlocks: Int { (learnables.count + Self.blockSize - 1) / Self.blockSize }

    func clearGradients(of chunk: Chunk) {
        (chunkGradients.pointer + chunk.index * learnables.count).update(repeating: 0, count: learnables.count)
    }

    /// Sums the chunks' gradients of one block of learnables in the order of chunks.
    func sumGradients(ofBlock block: Int) {
        let start = block * Self.blockSize
        let count = min(Self.blockSize, learnables.count - start)
        let target = learnableGradients.pointer + start
        target.update(from: chunkGradients.pointer + start, count: count)
        for chunk in 1..<batch.chunks {
            ElementKernels.add(
                count: count, target, chunkGradients.pointer + chunk * learnables.count + start, to: target)
        }
    }
}
