internal import CKernels

/// `y = x` above zero and `slope[c] x` below it, of `[examples, channels, positions]`.
package struct PReLUKernel: Sendable {
    package let channels: Int
    package let positions: Int

    package init(channels: Int, positions: Int) {
        self.channels = channels
        self.positions = positions
    }

    package func forward(examples: Int, x: Floats, slope: Floats, y: Floats) {
        pare_prelu_forward(Int64(examples), Int64(channels), Int64(positions), x, slope, y)
    }

    /// Overwrites `dx`, if it is wanted; adds to `dslope`.
    package func backward(examples: Int, x: Floats, slope: Floats, dy: Floats, dx: Floats?, dslope: Floats) {
        pare_prelu_backward(Int64(examples), Int64(channels), Int64(positions), x, slope, dy, dx, dslope)
    }
}
