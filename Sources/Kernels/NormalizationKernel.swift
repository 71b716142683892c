internal import CKernels

/// The passes of batch normalization over `[examples, channels, positions]`.
package struct NormalizationKernel: Sendable {
    package let channels: Int
    package let positions: Int

    package init(channels: Int, positions: Int) {
        self.channels = channels
        self.positions = positions
    }

    /// `sums[c]` becomes the sum of the channel, `sums[channels + c]` the sum of its squares.
    package func sums(examples: Int, x: Floats, into sums: UnsafeMutablePointer<Double>) {
        pare_channel_sums(Int64(examples), Int64(channels), Int64(positions), x, sums)
    }

    /// `sums[c]` becomes the sum of `dy`, `sums[channels + c]` the sum of `dy (x - mean)`.
    package func gradientSums(
        examples: Int, x: Floats, dy: Floats, mean: Floats, into sums: UnsafeMutablePointer<Double>
    ) {
        pare_channel_gradient_sums(Int64(examples), Int64(channels), Int64(positions), x, dy, mean, sums)
    }

    /// `y = (x - mean) factor + offset`.
    package func forward(examples: Int, x: Floats, mean: Floats, factor: Floats, offset: Floats, y: Floats) {
        pare_normalize_forward(Int64(examples), Int64(channels), Int64(positions), x, mean, factor, offset, y)
    }

    /// `dx = factor (dy - average - (x - mean) slope)`.
    package func backward(
        examples: Int, x: Floats, dy: Floats, mean: Floats, factor: Floats, average: Floats, slope: Floats, dx: Floats
    ) {
        pare_normalize_backward(
            Int64(examples), Int64(channels), Int64(positions), x, dy, mean, factor, average, slope, dx)
    }

    /// `y = (x - mean) / deviation`; without a deviation, `y = x - mean`.
    package func standardize(examples: Int, x: Floats, mean: Floats, deviation: Floats?, y: Floats) {
        pare_standardize(Int64(examples), Int64(channels), Int64(positions), x, mean, deviation, y)
    }
}
