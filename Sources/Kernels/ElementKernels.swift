internal import CKernels

/// Work that is done element by element, and softmax.
package enum ElementKernels {
    /// `y = max(0, x)`; a NaN stays.
    package static func reluForward(count: Int, x: Floats, y: Floats) { pare_relu_forward(Int64(count), x, y) }

    /// `dx = dy` where x is above zero, exactly zero where it is zero or below.
    package static func reluBackward(count: Int, x: Floats, dy: Floats, dx: Floats) {
        pare_relu_backward(Int64(count), x, dy, dx)
    }

    /// `y = a + b`; `y` may be `a` or `b`.
    package static func add(count: Int, _ a: Floats, _ b: Floats, to y: Floats) { pare_add(Int64(count), a, b, y) }

    /// Softmax of each example's vector of `count` elements.
    package static func softmaxForward(examples: Int, count: Int, x: Floats, y: Floats) {
        pare_softmax_forward(Int64(examples), Int64(count), x, y)
    }

    package static func softmaxBackward(examples: Int, count: Int, y: Floats, dy: Floats, dx: Floats) {
        pare_softmax_backward(Int64(examples), Int64(count), y, dy, dx)
    }
}
