internal import CKernels

/// Sums of arrays, and softmax.
package enum ElementKernels {
    /// `y = a + b`; `y` may be `a` or `b`.
    package static func add(count: Int, _ a: Floats, _ b: Floats, to y: Floats) { pare_add(Int64(count), a, b, y) }

    /// Softmax over the channels of each position of `[examples, channels, positions]`.
    package static func softmaxForward(examples: Int, channels: Int, positions: Int, x: Floats, y: Floats) {
        pare_softmax_forward(Int64(examples), Int64(channels), Int64(positions), x, y)
    }

    package static func softmaxBackward(
        examples: Int, channels: Int, positions: Int, y: Floats, dy: Floats, dx: Floats
    ) {
        pare_softmax_backward(Int64(examples), Int64(channels), Int64(positions), y, dy, dx)
    }
}
