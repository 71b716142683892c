internal import Kernels
package import Tensors

extension BatchNormalization {
    package func operation(inputs: [Shape], output: Shape) -> any LayerOperation {
        let channels = inputs[0][0]
        return BatchNormalizationOperation(
            kernel: NormalizationKernel(channels: channels, positions: channels == 0 ? 0 : output.count / channels),
            epsilon: epsilon, momentum: momentum)
    }
}

/// `y = (x - mean) * factor + offset` with `factor = scale / sqrt(variance + epsilon)`.
///
/// With the gradient g of the output, n elements a channel and r = 1 / (variance + epsilon), the gradient of the input
/// is `factor * (g - average - (x - mean) * slope)`: with the statistics of the batch, `average = sum(g) / n` and
/// `slope = r * sum(g (x - mean)) / n`; with the states, which do not depend on x, both are zero. That of the scale is
/// `sqrt(r) * sum(g (x - mean))`, that of the offset `sum(g)`.
private struct BatchNormalizationOperation: LayerOperation {
    let kernel: NormalizationKernel
    let epsilon: Double
    let momentum: Double

    private var channels: Int { kernel.channels }
    private var count: Int { kernel.channels * kernel.positions }

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
}

// MARK: - With the states

extension BatchNormalizationOperation {
    private func inferenceForward(in place: OperationPlace) -> [Pass] {
        [
            .chunks { chunk in
                let memory = Memory(chunk.scratch, channels: channels)
                setFactors(in: memory, place)
                kernel.forward(
                    examples: chunk.count, x: place.inputs[0].pointer + chunk.first * count,
                    mean: place.parameters[2], factor: memory.factor, offset: place.parameters[1],
                    y: place.output.pointer + chunk.first * count)
            }
        ]
    }

    private func inferenceBackward(in place: OperationPlace, _ gradient: FloatBuffer) -> [Pass] {
        [
            .chunks { chunk in
                let memory = Memory(chunk.scratch, channels: channels)
                let x = place.inputs[0].pointer + chunk.first * count
                let dy = gradient.pointer + chunk.first * count
                setFactors(in: memory, place)
                kernel.gradientSums(
                    examples: chunk.count, x: x, dy: dy, mean: place.parameters[2], into: memory.sums(chunk: 0))
                let sums = memory.sums(chunk: 0)
                let (dscale, doffset) = (place.gradient(0, chunk: chunk.index), place.gradient(1, chunk: chunk.index))
                for channel in 0..<channels {
                    let deviation = (Double(place.parameters[3][channel]) + epsilon).squareRoot()
                    doffset[channel] += Float(sums[channel])
                    dscale[channel] += Float(sums[channels + channel] / deviation)
                }
                guard let dx = place.inputGradients[0] else { return }
                kernel.backward(
                    examples: chunk.count, x: x, dy: dy, mean: place.parameters[2], factor: memory.factor,
                    average: memory.average, slope: memory.slope, dx: dx.pointer + chunk.first * count)
            }
        ]
    }

    private func setFactors(in memory: Memory, _ place: OperationPlace) {
        for channel in 0..<channels {
            let deviation = (Double(place.parameters[3][channel]) + epsilon).squareRoot()
            memory.factor[channel] = Float(Double(place.parameters[0][channel]) / deviation)
            memory.average[channel] = 0
            memory.slope[channel] = 0
        }
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
            .chunks { chunk in
                kernel.forward(
                    examples: chunk.count, x: place.inputs[0].pointer + chunk.first * count, mean: memory.mean,
                    factor: memory.factor, offset: place.parameters[1],
                    y: place.output.pointer + chunk.first * count)
            },
        ]
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
                kernel.gradientSums(
                    examples: chunk.count, x: place.inputs[0].pointer + chunk.first * count,
                    dy: gradient.pointer + chunk.first * count, mean: memory.mean,
                    into: memory.sums(chunk: chunk.index))
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
            .chunks { chunk in
                guard let dx = place.inputGradients[0] else { return }
                kernel.backward(
                    examples: chunk.count, x: place.inputs[0].pointer + chunk.first * count,
                    dy: gradient.pointer + chunk.first * count, mean: memory.mean, factor: memory.factor,
                    average: memory.average, slope: memory.slope, dx: dx.pointer + chunk.first * count)
            },
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
