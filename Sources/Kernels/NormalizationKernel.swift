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

    /// `y` is the normalized `x`, plus `other`, rectified; `y` may be `x` or `other`.
    package func forward(
        examples: Int, x: Floats, _ scaling: Scaling, adding other: Floats?, rectifying: Bool, y: Floats
    ) {
        withUnsafePointer(to: normalization(scaling)) {
            pare_normalize_forward($0, Int64(examples), x, other, rectifying ? 1 : 0, y)
        }
    }

    /// With g the gradient that the gate lets through: `sums[c]` becomes the sum of g, `sums[channels + c]` the sum of
    /// `g (x - mean)`, and `gated` becomes g, which may overwrite `dy`.
    package func gradientSums(
        examples: Int, x: Floats, dy: Floats, y: Floats, _ scaling: Scaling, gate: Gate, gated: Floats?,
        into sums: UnsafeMutablePointer<Double>
    ) {
        withUnsafePointer(to: normalization(scaling)) {
            pare_normalize_gradient_sums($0, Int64(examples), x, dy, y, gate.code, gated, sums)
        }
    }

    /// `dx = factor (g - average - (x - mean) slope)`; `dx` may be `dy`.
    package func backward(
        examples: Int, x: Floats, dy: Floats, y: Floats, _ scaling: Scaling, gate: Gate, average: Floats,
        slope: Floats, dx: Floats
    ) {
        withUnsafePointer(to: normalization(scaling)) {
            pare_normalize_backward($0, Int64(examples), x, dy, y, gate.code, average, slope, dx)
        }
    }

    private func normalization(_ scaling: Scaling) -> pare_normalization {
        pare_normalization(
            channels: Int64(channels), positions: Int64(positions), mean: scaling.mean, factor: scaling.factor,
            offset: scaling.offset)
    }

    /// `y = (x - mean) / deviation`; without a deviation, `y = x - mean`.
    package func standardize(examples: Int, x: Floats, mean: Floats, deviation: Floats?, y: Floats) {
        pare_standardize(Int64(examples), Int64(channels), Int64(positions), x, mean, deviation, y)
    }

    /// `(x - mean) factor + offset`, each of them per channel.
    package struct Scaling {
        package let mean: Floats
        package let factor: Floats
        package let offset: Floats

        package init(mean: Floats, factor: Floats, offset: Floats) {
            self.mean = mean
            self.factor = factor
            self.offset = offset
        }
    }

    /// What tells a backward pass where a rectifier behind the normalization let the gradient through.
    package enum Gate: Hashable, Sendable {
        /// There is none.
        case none
        /// Where the normalized input is above zero: nothing is added before the rectifier.
        case input
        /// Where the output is.
        case output

        fileprivate var code: pare_gate {
            switch self {
            case .none: PARE_NO_GATE
            case .input: PARE_GATE_OF_INPUT
            case .output: PARE_GATE_OF_OUTPUT
            }
        }
    }
}
