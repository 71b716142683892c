internal import CKernels

/// Convolution over steps of one geometry; see `Convolution1D` for the formula.
package struct ConvolutionKernel1D: Sendable {
    private let convolution: pare_convolution1d

    /// Floats of scratch memory that ``forward`` and ``backward`` need.
    package let scratchCount: Int

    /// - Parameter before: Zeros in front of the first step.
    package init(
        channels: Int, steps: Int, filters: Int, size: Int, stride: Int, dilation: Int, before: Int, outputSteps: Int
    ) {
        var convolution = pare_convolution1d(
            channels: Int64(channels), steps: Int64(steps), filters: Int64(filters), size: Int64(size),
            stride: Int64(stride), dilation: Int64(dilation), before: Int64(before), output_steps: Int64(outputSteps))
        scratchCount = Int(pare_convolution1d_scratch(&convolution))
        self.convolution = convolution
    }

    /// `x` is `[examples, channels, steps]`, `y` is `[examples, filters, outputSteps]`.
    package func forward(examples: Int, x: Floats, weights: Floats, bias: Floats?, y: Floats, scratch: Floats) {
        withUnsafePointer(to: convolution) {
            pare_convolution1d_forward($0, Int64(examples), x, weights, bias, y, scratch)
        }
    }

    /// Overwrites `dx`, if it is wanted; adds to `dweights` and `dbias`.
    package func backward(
        examples: Int, x: Floats, weights: Floats, dy: Floats, dx: Floats?, dweights: Floats, dbias: Floats?,
        scratch: Floats
    ) {
        withUnsafePointer(to: convolution) {
            pare_convolution1d_backward($0, Int64(examples), x, weights, dy, dx, dweights, dbias, scratch)
        }
    }
}
