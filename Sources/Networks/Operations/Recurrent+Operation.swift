internal import Kernels
package import Tensors

extension RecurrentLayer {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        let (channels, steps, isLast) = (inputs[0][0], inputs[0][1], outputMode == .last)
        return RecurrentOperation(
            directions: (0..<Self.directions).map { direction in
                RecurrentKernel(
                    cell: cell, channels: channels, units: units, steps: steps, isReversed: direction == 1,
                    isLast: isLast, outputStep: output.count)
            },
            cell: cell, channels: channels, units: units, inputCount: inputs[0].count, outputCount: output.count,
            isGiven: initialState == .given)
    }
}

/// Each direction on its own; the second adds to the gradient of the input that the first left.
///
/// The weights are packed once a batch, shared among the chunks. What the gates were is kept, and the inputs step by
/// step, so that backward reads neither input nor output.
private struct RecurrentOperation: LayerOperation {
    let directions: [RecurrentKernel]
    let cell: RecurrentKernel.Cell
    let channels: Int
    let units: Int
    let inputCount: Int
    let outputCount: Int
    let isGiven: Bool

    var backwardReads: BackwardReads { [] }

    /// Rows of a chunk share each weight that is loaded; one block of a product has up to eight.
    var minimumChunk: Int { 6 }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        let trains = place.outputGradient != nil
        return [
            .chunks { chunk in
                for (direction, kernel) in directions.enumerated() {
                    let weights = learnables(of: direction) { place.parameters[$0] }
                    kernel.pack(
                        part: chunk.index, of: chunk.batch.chunks, forBackward: trains,
                        inputWeights: weights.input, recurrentWeights: weights.recurrent, bias: weights.bias,
                        recurrentBias: weights.recurrentBias, to: packed(direction, place))
                }
            },
            // Every chunk reads what all have packed.
            .batch { _ in },
            .chunks { chunk in
                setLengths(of: chunk, place)
                for (direction, kernel) in directions.enumerated() {
                    kernel.forward(
                        examples: chunk.count, lengths: lengths(of: chunk, place),
                        x: place.inputs[0].pointer + chunk.first * inputCount, packed: packed(direction, place),
                        hidden: initialState(0, of: direction, place), cell: initialState(1, of: direction, place),
                        y: place.output.pointer + outputStart(of: chunk, direction),
                        kept: kept(direction, of: chunk, place), scratch: chunk.scratch)
                }
            },
        ]
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient else { return [] }
        return [
            .chunks { chunk in
                for (direction, kernel) in directions.enumerated() {
                    let gradients = learnables(of: direction) { place.gradient($0, chunk: chunk.index) }
                    kernel.backward(
                        examples: chunk.count, lengths: lengths(of: chunk, place),
                        dy: dy.pointer + outputStart(of: chunk, direction), packed: packed(direction, place),
                        kept: kept(direction, of: chunk, place),
                        dx: place.inputGradients[0].map { $0.pointer + chunk.first * inputCount },
                        addsToInputGradient: direction > 0, dinputWeights: gradients.input,
                        drecurrentWeights: gradients.recurrent, dbias: gradients.bias,
                        drecurrentBias: gradients.recurrentBias, scratch: chunk.scratch)
                }
            }
        ]
    }
}

// MARK: - Parameters

extension RecurrentOperation {
    /// The learnables of one direction, or their gradients, from those of all.
    private func learnables(of direction: Int, from all: (Int) -> Floats) -> (
        input: Floats, recurrent: Floats, bias: Floats, recurrentBias: Floats?
    ) {
        let row = direction * cell.gates * units
        return (
            all(0) + row * channels, all(1) + row * units, all(2) + row,
            cell == .gruResetAfter ? all(3) + direction * units : nil
        )
    }

    /// A state to start from: the hidden one, then that of the cell; `nil` if it is zero or there is none.
    private func initialState(_ index: Int, of direction: Int, _ place: OperationPlace) -> Floats? {
        guard isGiven, index == 0 || cell == .lstm else { return nil }
        return place.parameters[(cell == .gruResetAfter ? 4 : 3) + index] + direction * units
    }

    private func outputStart(of chunk: Chunk, _ direction: Int) -> Int {
        chunk.first * outputCount + direction * (outputCount / directions.count)
    }
}

// MARK: - Memory

extension RecurrentOperation {
    // The packed weights of each direction, then chunk by chunk what forward keeps of each direction and the lengths
    // of the examples.

    /// Floats of an example, in whole cache lines; the last one has its length.
    private var exampleCount: Int { directions.count * directions[0].keptCount + 16 }

    func memory(for limits: BatchLimits) -> OperationMemory {
        OperationMemory(
            scratch: directions[0].scratchCount(examples: limits.chunkExamples),
            kept: directions.count * directions[0].packedCount + limits.examples * exampleCount)
    }

    private func packed(_ direction: Int, _ place: OperationPlace) -> Floats {
        place.kept + direction * directions[0].packedCount
    }

    private func kept(_ direction: Int, of chunk: Chunk, _ place: OperationPlace) -> Floats {
        place.kept + directions.count * directions[0].packedCount + chunk.first * exampleCount
            + direction * chunk.count * directions[0].keptCount
    }

    /// The steps of each example of a chunk as ``setLengths(of:_:)`` left them; `nil` if all are whole.
    private func lengths(of chunk: Chunk, _ place: OperationPlace) -> UnsafeMutablePointer<Int64>? {
        guard place.inputSteps[0]?.isFull == false else { return nil }
        return UnsafeMutableRawPointer(kept(directions.count, of: chunk, place)).assumingMemoryBound(to: Int64.self)
    }

    private func setLengths(of chunk: Chunk, _ place: OperationPlace) {
        guard let lengths = lengths(of: chunk, place), let steps = place.inputSteps[0] else { return }
        for example in 0..<chunk.count { lengths[example] = Int64(steps[chunk.first + example]) }
    }
}
