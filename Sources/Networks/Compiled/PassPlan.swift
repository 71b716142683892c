internal import Kernels
internal import Tensors

/// The passes of one direction of a network, with those over chunks joined as far as possible.
///
/// A chunk goes through all passes up to the next one over the whole batch without waiting for other chunks: one task
/// of the pool for a run of layers, and values that are still in the cache.
struct PassPlan {
    /// What a plan is made for.
    struct Kind: Hashable {
        let mode: OperationMode
        /// Whether sequences are of unequal length, so that padding is cleared after each operation.
        let isRagged: Bool
    }

    private enum Stage {
        /// As many chunks as the batch has.
        case chunks(PoolTask)
        case batch((Batch) -> Void)
    }

    private let stages: [Stage]

    /// Runs all passes on the batch that is set in the memory.
    func run(_ batch: Batch, pool: WorkerPool) {
        for stage in stages {
            switch stage {
            case .chunks(let task): pool.run(chunks: batch.chunks, task)
            case .batch(let body): body(batch)
            }
        }
    }

    private static func joined(_ passes: [Pass], _ memory: NetworkMemory) -> [Stage] {
        var stages: [Stage] = []
        var bodies: [(Chunk) -> Void] = []
        func close() {
            guard !bodies.isEmpty else { return }
            let run = bodies
            stages.append(
                .chunks(
                    PoolTask { index in
                        let chunk = memory.chunk(index)
                        for body in run { body(chunk) }
                    }))
            bodies = []
        }
        for pass in passes {
            switch pass {
            case .chunks(let body): bodies.append(body)
            case .batch(let body):
                close()
                stages.append(.batch(body))
            }
        }
        close()
        return stages
    }
}

// MARK: - Directions

extension PassPlan {
    init(forward memory: NetworkMemory, _ kind: Kind) {
        var passes: [Pass] = []
        for (step, place) in zip(memory.steps, memory.places) {
            passes += Self.meeting(step, step.operation.forward(in: place, mode: kind.mode))
            if kind.isRagged {
                passes += Self.clearing(place.output, beyond: place.outputSteps, memory.network.shapes[step.output])
            }
        }
        stages = Self.joined(passes, memory)
    }

    /// Backward through every step that the given node depends on, the last first.
    ///
    /// Of the steps that read a node the last overwrites the node's gradient. The others write to memory of their own,
    /// which is added to it at once. Each chunk's gradients of a step's learnables are cleared before the step adds to
    /// them.
    init(backward memory: NetworkMemory, from start: Int, _ kind: Kind) {
        let shapes = memory.network.shapes
        var reached: Set<Int> = [start]
        var active: Set<Int> = []
        for (index, step) in memory.steps.enumerated().reversed()
        where reached.contains(step.output) && memory.gradients[step.output] != nil {
            active.insert(index)
            reached.formUnion(step.sources)
        }
        var passes: [Pass] = []
        if kind.isRagged {
            passes += Self.clearing(memory.gradients[start], beyond: memory.lengths.counts[start], shapes[start])
        }
        for index in memory.steps.indices where !active.contains(index) && !memory.learnableRanges[index].isEmpty {
            passes.append(.chunks { memory.clearGradients(ofStep: index, chunk: $0) })
        }
        for (node, writer) in memory.firstWriters.enumerated() where node != start && reached.contains(node) {
            guard let writer, !active.contains(writer), let gradient = memory.gradients[node] else { continue }
            passes.append(Self.clear(gradient, count: shapes[node].count))
        }
        for (index, step) in memory.steps.enumerated().reversed() where active.contains(index) {
            let place = memory.places[index]
            if !memory.learnableRanges[index].isEmpty {
                passes.append(.chunks { memory.clearGradients(ofStep: index, chunk: $0) })
            }
            passes += Self.meeting(step, step.operation.backward(in: place, mode: kind.mode))
            if kind.isRagged {
                for (input, source) in step.sources.enumerated() {
                    passes += Self.clearing(
                        place.inputGradients[input], beyond: place.inputSteps[input], shapes[source])
                }
            }
            for addend in memory.addends[index] {
                guard let gradient = memory.gradients[addend.node] else { continue }
                passes.append(Self.add(addend.values, to: gradient, count: shapes[addend.node].count))
            }
        }
        stages = Self.joined(passes, memory)
    }

    /// The passes of a step, with all chunks meeting in any mode if memory was planned so.
    private static func meeting(_ step: NetworkStep, _ passes: [Pass]) -> [Pass] {
        guard step.operation.worksOnBatch else { return passes }
        for case .batch in passes { return passes }
        return [.batch { _ in }] + passes
    }

    private static func clear(_ buffer: FloatBuffer, count: Int) -> Pass {
        .chunks { chunk in
            (buffer.pointer + chunk.first * count).update(repeating: 0, count: chunk.count * count)
        }
    }

    private static func add(_ buffer: FloatBuffer, to sum: FloatBuffer, count: Int) -> Pass {
        .chunks { chunk in
            let start = chunk.first * count
            ElementKernels.add(
                count: chunk.count * count, sum.pointer + start, buffer.pointer + start, to: sum.pointer + start)
        }
    }

    /// Sets to zero what lies beyond the valid steps, if there are any.
    private static func clearing(_ buffer: FloatBuffer?, beyond steps: StepCounts?, _ shape: Shape) -> [Pass] {
        guard let buffer, let steps else { return [] }
        let (channels, length) = (shape[0], shape[1])
        return [
            .chunks { chunk in
                for example in chunk.first..<chunk.first + chunk.count {
                    let valid = steps[example]
                    guard valid < length else { continue }
                    for row in example * channels..<(example + 1) * channels {
                        (buffer.pointer + row * length + valid).update(repeating: 0, count: length - valid)
                    }
                }
            }
        ]
    }
}
