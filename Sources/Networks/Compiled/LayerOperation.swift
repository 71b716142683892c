package import Kernels

/// The computation of one layer inside a compiled network.
///
/// An operation knows shapes, not memory. When a network is compiled it says what memory it needs beyond the values
/// and gradients of nodes, and then binds to its ``OperationPlace``: it returns the passes of its forward and its
/// backward direction as closures that use that memory. Passes must not allocate.
///
/// Most layers have one pass each way, over chunks of examples. A layer that needs the whole batch at some point, as
/// batch normalization does, puts a ``Pass/batch(_:)`` between two passes over chunks.
package protocol LayerOperation {
    /// Memory that the operation needs in a network of the given limits.
    func memory(for limits: BatchLimits) -> OperationMemory

    /// The passes that overwrite the output from the inputs.
    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass]

    /// The passes that overwrite the gradients of the inputs that are wanted, and add to the gradients of the
    /// learnables, from the gradient of the output. They follow a forward pass in the same mode; what
    /// ``backwardReads`` names is as it left it.
    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass]

    /// The largest magnitude that a state took which no output shows, such as the cell of an LSTM, in the examples of a
    /// chunk of the last forward pass.
    func statePeak(of chunk: Chunk, in place: OperationPlace) -> Float

    /// What the backward passes read besides the gradient of the output; other values may be gone by then.
    var backwardReads: BackwardReads { get }

    /// Whether the output may lie where the first input lies, and the gradient of an input where that of the output
    /// lies.
    var placement: Placement { get }

    /// Whether every forward and every backward in training mode has a pass over the whole batch.
    ///
    /// Memory may be used again where all chunks meet; an operation that does not say so costs memory only.
    var worksOnBatch: Bool { get }

    /// The fewest examples of a chunk that the operation works well with: it reads its weights once a chunk, say.
    var minimumChunk: Int { get }
}

extension LayerOperation {
    package func memory(for limits: BatchLimits) -> OperationMemory { OperationMemory() }
    package func statePeak(of chunk: Chunk, in place: OperationPlace) -> Float { 0 }
    package var backwardReads: BackwardReads { [.inputs, .output] }
    package var placement: Placement { .apart }
    package var worksOnBatch: Bool { false }
    package var minimumChunk: Int { 1 }
}

/// Values that an operation reads again in its backward passes.
package struct BackwardReads: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let inputs = BackwardReads(rawValue: 1)
    package static let output = BackwardReads(rawValue: 2)
}

/// Whether an operation can work in place.
///
/// Such an operation works element by element, on inputs of the size of its output, and finds out by comparing
/// addresses that it has nothing to copy.
package enum Placement: Hashable, Sendable {
    /// Outputs never overlap inputs.
    case apart
    /// The output may overwrite the first input, and the gradient of any one input that of the output.
    case overwriting
    /// So, and the values stay what they are: a change of shape alone.
    case unchanged
}

/// The largest batch of a compiled network.
package struct BatchLimits: Hashable, Sendable {
    package let examples: Int
    package let chunks: Int
    /// The most examples of a chunk, of a batch of any size.
    package let chunkExamples: Int
}

/// What an operation needs, in floats.
package struct OperationMemory: Hashable, Sendable {
    /// For each chunk; lost when the pass returns, and shared with other operations.
    package var scratch: Int
    /// For the whole batch; the operation's own, kept between passes.
    package var kept: Int

    package init(scratch: Int = 0, kept: Int = 0) {
        self.scratch = scratch
        self.kept = kept
    }
}

/// Whether a layer behaves as in training (statistics of the batch, dropout) or as in inference.
package enum OperationMode: Hashable, Sendable, CaseIterable {
    case inference
    case training
}

/// A part of a direction of one layer.
package enum Pass {
    /// Work on some examples, for all chunks of the batch at once and in any order.
    case chunks((Chunk) -> Void)
    /// Work on the whole batch, on one thread, after every chunk of the passes before.
    case batch((Batch) -> Void)
}

/// The batch that a pass works on.
package struct Batch {
    package let count: Int
    /// How many chunks the batch is cut into.
    package let chunks: Int
    /// The seed and the step that dropout draws by.
    package let dropoutSeed: UInt64
    package let step: Int
}

/// Some consecutive examples of a batch.
package struct Chunk {
    package let batch: Batch
    package let index: Int
    /// The first example and how many there are, one or more.
    package let first: Int
    package let count: Int
    /// The memory that the operation asked for as scratch, with any content.
    package let scratch: Floats
}

/// The memory of one node of a compiled network.
package struct OperationPlace {
    package let name: String
    /// Values, `[examples] + shape`; an input layer finds the raw data of the batch as its one input.
    package let inputs: [FloatBuffer]
    package let output: FloatBuffer
    /// The valid steps of each input, example by example; `nil` without steps, or if they are always all valid.
    ///
    /// What lies beyond them is zero. An operation may leave anything beyond the valid steps of what it writes: the
    /// network clears it.
    package let inputSteps: [StepCounts?]
    /// The valid steps of the output.
    package let outputSteps: StepCounts?
    /// Gradients of the same layout, `nil` for an input whose gradient nothing needs; empty in a network that only
    /// runs forward, and for an input layer.
    package let inputGradients: [FloatBuffer?]
    package let outputGradient: FloatBuffer?
    /// Learnables, states and constants, in the order of the layer's specifications.
    package let parameters: [Floats]
    /// What the operation asked to keep.
    package let kept: Floats

    /// Where the gradient of each learnable of chunk 0 begins, in the order of the specifications, and how far apart
    /// the chunks are.
    let gradients: [Floats]
    let gradientStep: Int

    /// The gradient of a learnable that a chunk adds to; chunks are summed in order afterwards.
    ///
    /// - Parameter index: Its place among the layer's learnables.
    package func gradient(_ index: Int, chunk: Int) -> Floats { gradients[index] + chunk * gradientStep }
}
