internal import Kernels
package import Tensors

extension BatchNormalization {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        operation(input: inputs[0], adding: false, rectifying: false)
    }

    /// The same with what may follow at once: the addition of a second input, and a rectifier.
    func operation(input: Shape, adding: Bool, rectifying: Bool) -> any LayerOperation {
        BatchNormalizationOperation(
            kernel: NormalizationKernel(
                channels: input[0], positions: input[0] == 0 ? 0 : input.count / input[0]),
            epsilon: epsilon, momentum: momentum, adds: adding, rectifies: rectifying)
    }
}

/// `y = (x - mean) * factor + offset` with `factor = scale / sqrt(variance + epsilon)`; then perhaps a second input is
/// added, then perhaps what is below zero is cut off.
///
/// With the gradient g before the addition, n elements a channel and r = 1 / (variance + epsilon), the gradient of the
/// input is `factor * (g - average - (x - mean) * slope)`: with the statistics of the batch, `average = sum(g) / n` and
/// `slope = r * sum(g (x - mean)) / n`; with the states, which do not depend on x, both are zero. That of the scale is
/// `sqrt(r) * sum(g (x - mean))`, those of the offset and of the second input `sum(g)` and g.
private struct BatchNormalizationOperation: LayerOperation {
    let kernel: NormalizationKernel
    let epsilon: Double
    let momentum: Double
    let adds: Bool
    let rectifies: Bool

    private var channels: Int { kernel.channels }
    private var count: Int { kernel.channels * kernel.positions }
    private var gate: NormalizationKernel.Gate { !rectifies ? .none : adds ? .output : .input }

    var placement: Placement { .overwriting }
    var backwardReads: BackwardReads { gate == .output ? [.inputs, .output] : .inputs }
    var worksOnBatch: Bool { true }

    /// In training, what all chunks share is kept; in inference each chunk makes it anew in its scratch memory.
    func memory(for limits: BatchLimits) -> OperationMemory {
        OperationMemory(
            scratch: Memory.count(channels: channels, chunks: 1),
            kept: Memory.count(channels: channels, chunks: limits.chunks))
    }

    func forward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        switch mode {
        case .inference: inferenceForward(in: place)
        case .training: trainingForward(in: place)
        }
    }

    func backward(in place: OperationPlace, mode: OperationMode) -> [Pass] {
        guard let gradient = place.outputGradient else { return [] }
        return switch mode {
        case .inference: inferenceBackward(in: place, gradient)
        case .training: trainingBackward(in: place, gradient)
        }
    }

    private func normalize(_ chunk: Chunk, in place: OperationPlace, _ scaling: NormalizationKernel.Scaling) {
        let start = chunk.first * count
        kernel.forward(
            examples: chunk.count, x: place.inputs[0].pointer + start, scaling,
            adding: adds ? place.inputs[1].pointer + start : nil, rectifying: rectifies,
            y: place.output.pointer + start)
    }

    /// Takes the chunk's sums, and leaves the gradient of the second input.
    private func sumGradients(
        _ chunk: Chunk, in place: OperationPlace, _ dy: FloatBuffer, _ scaling: NormalizationKernel.Scaling,
        into sums: UnsafeMutablePointer<Double>
    ) {
        let start = chunk.first * count
        kernel.gradientSums(
            examples: chunk.count, x: place.inputs[0].pointer + start, dy: dy.pointer + start,
            y: place.output.pointer + start, scaling, gate: gate,
            gated: adds ? place.inputGradients[1].map { $0.pointer + start } : nil, into: sums)
    }

    private func differentiate(
        _ chunk: Chunk, in place: OperationPlace, _ dy: FloatBuffer, _ scaling: NormalizationKernel.Scaling,
        _ memory: Memory
    ) {
        guard let dx = place.inputGradients[0] else { return }
        let start = chunk.first * count
        let gated = adds ? place.inputGradients[1] : nil
        kernel.backward(
            examples: chunk.count, x: place.inputs[0].pointer + start, dy: (gated ?? dy).pointer + start,
            y: place.output.pointer + start, scaling, gate: gated == nil ? gate : .none, average: memory.average,
            slope: memory.slope, dx: dx.pointer + start)
    }
}

// MARK: - With the states

extension BatchNormalizationOperation {
    private func inferenceForward(in place: OperationPlace) -> [Pass] {
        [
            .chunks { chunk in
                normalize(chunk, in: place, setScaling(in: Memory(chunk.scratch, channels: channels), place))
            }
        ]
    }

    private func inferenceBackward(in place: OperationPlace, _ gradient: FloatBuffer) -> [Pass] {
        [
            .chunks { chunk in
                let memory = Memory(chunk.scratch, channels: channels)
                let scaling = setScaling(in: memory, place)
                let sums = memory.sums(chunk: 0)
                sumGradients(chunk, in: place, gradient, scaling, into: sums)
                let (dscale, doffset) = (place.gradient(0, chunk: chunk.index), place.gradient(1, chunk: chunk.index))
                for channel in 0..<channels {
                    let deviation = (Double(place.parameters[3][channel]) + epsilon).squareRoot()
                    doffset[channel] += Float(sums[channel])
                    dscale[channel] += Float(sums[channels + channel] / deviation)
                }
                differentiate(chunk, in: place, gradient, scaling, memory)
            }
        ]
    }

    private func setScaling(in memory: Memory, _ place: OperationPlace) -> NormalizationKernel.Scaling {
        for channel in 0..<channels {
            let deviation = (Double(place.parameters[3][channel]) + epsilon).squareRoot()
            memory.factor[channel] = Float(Double(place.parameters[0][channel]) / deviation)
            memory.average[channel] = 0
            memory.slope[channel] = 0
        }
        return NormalizationKernel.Scaling(
            mean: place.parameters[2], factor: memory.factor, offset: place.parameters[1])
    }
}

// MARK: - With the statistics of the batch

extension BatchNormalizationOperation {
    private func trainingForward(in place: OperationPlace) -> [Pass] {
        let memory = Memory(place.kept, channels: channels)
        return [
            .chunks { chunk in
                kernel.sums(
                    examples: chunk.count, x: place.inputs[0].pointer + chunk.first * count,
                    into: memory.sums(chunk: chunk.index))
            },
            .batch { batch in takeStatistics(of: batch, memory, place) },
            .chunks { chunk in normalize(chunk, in: place, scaling(memory, place)) },
        ]
    }

    private func scaling(_ memory: Memory, _ place: OperationPlace) -> NormalizationKernel.Scaling {
        NormalizationKernel.Scaling(mean: memory.mean, factor: memory.factor, offset: place.parameters[1])
    }

    /// How many elements of a channel count.
    ///
    /// Padding, which is zero and whose gradient is zero, adds nothing to a sum.
    private func elements(of batch: Batch, _ place: OperationPlace) -> Double {
        guard let steps = place.inputSteps[0], !steps.isFull else { return Double(batch.count * kernel.positions) }
        return Double(steps.total(of: batch.count))
    }

    private func takeStatistics(of batch: Batch, _ memory: Memory, _ place: OperationPlace) {
        let elements = elements(of: batch, place)
        let (means, variances) = (place.parameters[2], place.parameters[3])
        for channel in 0..<channels {
            let mean = memory.total(channel, chunks: batch.chunks) / elements
            let square = memory.total(channels + channel, chunks: batch.chunks) / elements
            let squared = square - mean * mean
            // Rounding may leave a little less than zero; a NaN stays.
            let variance = squared < 0 ? 0 : squared
            memory.variance[channel] = variance
            memory.mean[channel] = Float(mean)
            memory.factor[channel] = Float(
                Double(place.parameters[0][channel]) / (variance + epsilon).squareRoot())
            let unbiased = variance * elements / max(1, elements - 1)
            means[channel] = Float(Double(means[channel]) + momentum * (mean - Double(means[channel])))
            variances[channel] = Float(
                Double(variances[channel]) + momentum * (unbiased - Double(variances[channel])))
        }
    }

    private func trainingBackward(in place: OperationPlace, _ gradient: FloatBuffer) -> [Pass] {
        let memory = Memory(place.kept, channels: channels)
        return [
            .chunks { chunk in
                sumGradients(
                    chunk, in: place, gradient, scaling(memory, place), into: memory.sums(chunk: chunk.index))
            },
            .batch { batch in
                let elements = elements(of: batch, place)
                let (dscale, doffset) = (place.gradient(0, chunk: 0), place.gradient(1, chunk: 0))
                for channel in 0..<channels {
                    let sum = memory.total(channel, chunks: batch.chunks)
                    let product = memory.total(channels + channel, chunks: batch.chunks)
                    let spread = memory.variance[channel] + epsilon
                    doffset[channel] += Float(sum)
                    dscale[channel] += Float(product / spread.squareRoot())
                    memory.average[channel] = Float(sum / elements)
                    memory.slope[channel] = Float(product / elements / spread)
                }
            },
            .chunks { chunk in differentiate(chunk, in: place, gradient, scaling(memory, place), memory) },
        ]
    }
}

// MARK: - Memory

extension BatchNormalizationOperation {
    /// Per channel: the variance and the chunks' sums in double precision, then what the kernels read.
    private struct Memory {
        let channels: Int
        let variance: UnsafeMutablePointer<Double>
        let mean: Floats
        let factor: Floats
        let average: Floats
        let slope: Floats

        init(_ start: Floats, channels: Int) {
            self.channels = channels
            mean = start
            factor = start + channels
            average = start + 2 * channels
            slope = start + 3 * channels
            variance = UnsafeMutableRawPointer(start + 4 * channels).assumingMemoryBound(to: Double.self)
        }

        /// Floats, two for a double.
        static func count(channels: Int, chunks: Int) -> Int { 4 * channels + 2 * (channels + chunks * 2 * channels) }

        /// Two sums a channel, as the kernels lay them out.
        func sums(chunk: Int) -> UnsafeMutablePointer<Double> { variance + channels + chunk * 2 * channels }

        /// One of the sums over all chunks, in their order.
        func total(_ index: Int, chunks: Int) -> Double {
            var total = 0.0
            for chunk in 0..<chunks { total += sums(chunk: chunk)[index] }
            return total
        }
    }
}
