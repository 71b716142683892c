internal import Kernels
internal import Tensors

/// The passes of one direction of a network, with those over chunks joined as far as possible.
///
/// A chunk goes through all passes up to the next one over the whole batch without waiting for other chunks: one task
/// of the pool for a run of layers, and values that are still in the cache.
struct PassPlan {
    private enum Stage {
        case chunks([(Chunk) -> Void])
        case batch((Batch) -> Void)
    }

    private var stages: [Stage] = []

    private mutating func append(_ passes: [Pass]) {
        for pass in passes {
            switch (pass, stages.last) {
            case (.chunks(let body), .chunks(let bodies)): stages[stages.count - 1] = .chunks(bodies + [body])
            case (.chunks(let body), _): stages.append(.chunks([body]))
            case (.batch(let body), _): stages.append(.batch(body))
            }
        }
    }

    /// Runs all passes on a batch.
    func run(_ batch: Batch, scratch: NetworkMemory.Scratch, pool: WorkerPool) {
        for stage in stages {
            switch stage {
            case .batch(let body): body(batch)
            case .chunks(let bodies):
                pool.run(chunks: batch.chunks) { index in
                    let chunk = scratch.chunk(index, of: batch)
                    for body in bodies { body(chunk) }
                }
            }
        }
    }
}

// MARK: - Directions

extension PassPlan {
    init(forward memory: NetworkMemory, mode: OperationMode) {
        for (operation, place) in zip(memory.operations, memory.places) {
            append(operation.forward(in: place, mode: mode))
        }
    }

    /// Backward through every node that the given one depends on, the last first.
    ///
    /// Each layer overwrites the gradients of its inputs. Where a node is read more than once, each of its readers
    /// writes to memory of its own, and these are summed, in the order of readers, before the node's own turn.
    init(backward memory: NetworkMemory, from start: Int, mode: OperationMode) {
        let network = memory.network
        var active: Set<Int> = [start]
        for index in (0...start).reversed() {
            if index != start, memory.readers[index].contains(where: { active.contains($0.node) }) {
                active.insert(index)
            }
            guard active.contains(index) else { continue }
            if index != start, memory.readers[index].count > 1 {
                let parts = memory.readers[index].filter { active.contains($0.node) }.map {
                    memory.places[$0.node].inputGradients[$0.input]
                }
                append([Self.sum(of: parts, to: memory.gradients[index], count: network.shapes[index].count)])
            }
            append(memory.operations[index].backward(in: memory.places[index], mode: mode))
        }
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
