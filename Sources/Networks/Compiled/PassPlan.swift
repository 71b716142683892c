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
        /// A number of parts that does not depend on the batch.
        case parts(Int, PoolTask)
    }

    private let stages: [Stage]

    /// Runs all passes on the batch that is set in the memory.
    func run(_ batch: Batch, pool: WorkerPool) {
        for stage in stages {
            switch stage {
            case .chunks(let task): pool.run(chunks: batch.chunks, task)
            case .batch(let body): body(batch)
            case .parts(let count, let task): pool.run(chunks: count, task)
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
        for (index, place) in memory.places.enumerated() {
            passes += memory.operations[index].forward(in: place, mode: kind.mode)
            if kind.isRagged {
                passes += Self.clearing(place.output, beyond: place.outputSteps, memory.network.shapes[index])
            }
        }
        stages = Self.joined(passes, memory)
    }

    /// Backward through every node that the given one depends on, the last first.
    ///
    /// Each layer overwrites the gradients of its inputs. Where a node is read more than once, each of its readers
    /// writes to memory of its own, and these are summed, in the order of readers, before the node's own turn. The
    /// gradients of learnables, which each chunk adds to its own, are cleared first and summed last.
    init(backward memory: NetworkMemory, from start: Int, _ kind: Kind) {
        let network = memory.network
        var passes: [Pass] = [.chunks { chunk in memory.clearGradients(of: chunk) }]
        if kind.isRagged {
            passes += Self.clearing(
                memory.gradients[start], beyond: memory.places[start].outputSteps, network.shapes[start])
        }
        var active: Set<Int> = [start]
        for index in (0...start).reversed() {
            if index != start, memory.readers[index].contains(where: { active.contains($0.node) }) {
                active.insert(index)
            }
            guard active.contains(index) else { continue }
            if index != start, memory.readers[index].count > 1 {
                let parts = memory.readers[index].filter { active.contains($0.node) }.compactMap {
                    memory.places[$0.node].inputGradients[$0.input]
                }
                if !parts.isEmpty {
                    passes.append(Self.sum(of: parts, to: memory.gradients[index], count: network.shapes[index].count))
                }
            }
            let place = memory.places[index]
            passes += memory.operations[index].backward(in: place, mode: kind.mode)
            guard kind.isRagged else { continue }
            for (input, shape) in network.inputShapes(of: network.nodes[index]).enumerated() {
                passes += Self.clearing(place.inputGradients[input], beyond: place.inputSteps[input], shape)
            }
        }
        let sum = PoolTask { memory.sumGradients(ofBlock: $0) }
        stages = Self.joined(passes, memory) + [.parts(memory.gradientBlocks, sum)]
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

    private static func sum(of parts: [FloatBuffer], to gradient: FloatBuffer, count: Int) -> Pass {
        .chunks { chunk in
            let (start, elements) = (chunk.first * count, chunk.count * count)
            let target = gradient.pointer + start
            target.update(from: parts[0].pointer + start, count: elements)
            for index in 1..<parts.count {
                ElementKernels.add(count: elements, target, parts[index].pointer + start, to: target)
            }
        }
    }
}
