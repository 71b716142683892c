internal import Kernels
package import Tensors

extension RecurrentLayer {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        let (channels, steps, isLast) = (inputs[0][0], inputs[0][1], outputMode == .last)
        let names = parameters(inputs: inputs).map(\.name)
        func place(_ name: String) -> Int? { names.firstIndex(of: name) }
        func weights(_ name: String, _ projector: String, columns: Int, rank: Int?, isSplit: Bool) -> RecurrentWeights {
            RecurrentWeights(
                weights: place(name) ?? 0, projector: place(projector), rows: cell.gates * units, columns: columns,
                rank: rank ?? columns, isSplit: isSplit)
        }
        return RecurrentOperation(
            directions: (0..<Self.directions).map { direction in
                RecurrentKernel(
                    cell: cell, channels: channels, units: units, steps: steps, isReversed: direction == 1,
                    isLast: isLast, outputStep: output.count)
            },
            input: weights(
                "inputWeights", "inputProjector", columns: channels, rank: projectors.input, isSplit: false),
            recurrent: weights(
                "recurrentWeights", "outputProjector", columns: units, rank: projectors.output, isSplit: true),
            bias: place("bias") ?? 0, recurrentBias: place("recurrentBias"),
            states: [place("initialHidden"), place("initialCell")], units: units, inputCount: inputs[0].count,
            outputCount: output.count)
    }
}

/// Each direction on its own; the second adds to the gradient of the input that the first left.
///
/// The weights, or the products that stand for them, are packed once a batch, shared among the chunks. What the gates were is kept, and the inputs step by
/// step, so that backward reads neither input nor output.
private struct RecurrentOperation: LayerOperation {
    let directions: [RecurrentKernel]
    let input: RecurrentWeights
    let recurrent: RecurrentWeights
    /// The places of the other parameters; those of the hidden state and the cell state to start from, `nil` if they
    /// are zero or there is none.
    let bias: Int
    let recurrentBias: Int?
    let states: [Int?]
    let units: Int
    let inputCount: Int
    let outputCount: Int

    var backwardReads: BackwardReads { [] }

    /// Rows of a chunk share each weight that is loaded; one block of a product has up to eight.
    var minimumChunk: Int { 6 }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        let trains = place.outputGradient != nil
        let products: [Pass] = [
            .chunks { chunk in
                for direction in directions.indices {
                    for weights in [input, recurrent] {
                        weights.multiply(
                            part: chunk.index, of: chunk.batch.chunks, direction: direction, { place.parameters[$0] },
                            to: product(of: weights, direction, place))
                    }
                }
            },
            // Every chunk packs what all have made.
            .batch { _ in },
        ]
        return (isProjected ? products : []) + [
            .chunks { chunk in
                for (direction, kernel) in directions.enumerated() {
                    kernel.pack(
                        part: chunk.index, of: chunk.batch.chunks, forBackward: trains,
                        inputWeights: weights(input, direction, place),
                        recurrentWeights: weights(recurrent, direction, place),
                        bias: place.parameters[bias] + direction * input.rows,
                        recurrentBias: recurrentBias.map { place.parameters[$0] + direction * units },
                        to: packed(direction, place))
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

    func statePeak(of chunk: Chunk, in place: OperationPlace) -> Float {
        directions.indices.reduce(0) { peak, direction in
            max(
                peak,
                directions[direction].cellPeak(
                    examples: chunk.count, lengths: lengths(of: chunk, place), kept: kept(direction, of: chunk, place)))
        }
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let dy = place.outputGradient else { return [] }
        return [
            .chunks { chunk in
                for (direction, kernel) in directions.enumerated() {
                    let all = { place.gradient($0, chunk: chunk.index) }
                    let (dinput, drecurrent) = (
                        gradient(of: input, direction, chunk, all), gradient(of: recurrent, direction, chunk, all)
                    )
                    kernel.backward(
                        examples: chunk.count, lengths: lengths(of: chunk, place),
                        dy: dy.pointer + outputStart(of: chunk, direction), packed: packed(direction, place),
                        kept: kept(direction, of: chunk, place),
                        dx: place.inputGradients[0].map { $0.pointer + chunk.first * inputCount },
                        addsToInputGradient: direction > 0, dinputWeights: dinput, drecurrentWeights: drecurrent,
                        dbias: all(bias) + direction * input.rows,
                        drecurrentBias: recurrentBias.map { all($0) + direction * units },
                        scratch: chunk.scratch + gradientCount)
                    for (weights, product) in [(input, dinput), (recurrent, drecurrent)] {
                        weights.addGradients(
                            all, direction: direction, from: product, scratch: chunk.scratch + gradientCount
                        ) {
                            place.parameters[$0]
                        }
                    }
                }
            }
        ]
    }
}

// MARK: - Parameters

extension RecurrentOperation {
    private var isProjected: Bool { input.productCount + recurrent.productCount > 0 }

    /// What the kernel of a direction reads.
    private func weights(_ weights: RecurrentWeights, _ direction: Int, _ place: OperationPlace) -> Floats {
        weights.projector == nil
            ? weights.weights(direction) { place.parameters[$0] } : product(of: weights, direction, place)
    }

    /// What the kernel of a direction adds to: the gradient of the weights, or of the product that stands for them.
    private func gradient(
        of weights: RecurrentWeights, _ direction: Int, _ chunk: Chunk, _ all: (Int) -> Floats
    ) -> Floats {
        guard weights.projector != nil else { return weights.weights(direction, all) }
        let product = chunk.scratch + (weights.weights == input.weights ? 0 : input.productCount)
        product.update(repeating: 0, count: weights.productCount)
        return product
    }

    /// A state to start from: the hidden one, then that of the cell; `nil` if it is zero or there is none.
    private func initialState(_ index: Int, of direction: Int, _ place: OperationPlace) -> Floats? {
        states[index].map { place.parameters[$0] + direction * units }
    }

    private func outputStart(of chunk: Chunk, _ direction: Int) -> Int {
        chunk.first * outputCount + direction * (outputCount / directions.count)
    }
}

// MARK: - Memory

extension RecurrentOperation {
    // The packed weights of each direction, the products of each if it is projected, then chunk by chunk what forward
    // keeps of each direction and the lengths of the examples. Scratch has gradients of products, then the kernel's.

    /// Floats of an example, in whole cache lines; the last one has its length.
    private var exampleCount: Int { directions.count * directions[0].keptCount + 16 }
    private var gradientCount: Int { input.productCount + recurrent.productCount }
    /// Floats of a direction's weights.
    private var weightCount: Int { directions[0].packedCount + gradientCount }

    func memory(for limits: BatchLimits) -> OperationMemory {
        let own = max(
            directions[0].scratchCount(examples: limits.chunkExamples), input.scratchCount, recurrent.scratchCount)
        return OperationMemory(
            scratch: gradientCount + own, kept: directions.count * weightCount + limits.examples * exampleCount)
    }

    private func packed(_ direction: Int, _ place: OperationPlace) -> Floats {
        place.kept + direction * weightCount
    }

    private func product(of weights: RecurrentWeights, _ direction: Int, _ place: OperationPlace) -> Floats {
        packed(direction, place) + directions[0].packedCount
            + (weights.weights == input.weights ? 0 : input.productCount)
    }

    private func kept(_ direction: Int, of chunk: Chunk, _ place: OperationPlace) -> Floats {
        place.kept + directions.count * weightCount + chunk.first * exampleCount
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
