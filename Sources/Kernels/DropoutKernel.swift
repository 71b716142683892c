internal import CKernels

/// Sets elements to zero with a probability and scales the others, by random words that are a function of the seed,
/// the stream's name, the step and the element's place in the batch alone (Philox 4x32-10).
package struct DropoutKernel: Sendable {
    private let threshold: UInt32
    private let scale: Float
    private let stream: UInt64

    /// - Parameters:
    ///   - probability: From 0 up to, not including, 1.
    ///   - stream: A name that sets these numbers apart from those of other layers.
    package init(probability: Double, stream: String) {
        threshold = UInt32(probability * 0x1p32)
        scale = Float(1 / (1 - probability))
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        self.stream = hash
    }

    /// `y` becomes `x`, zero or scaled; the same call on a gradient is its own backward pass.
    ///
    /// - Parameter first: The index in the batch of the first of the examples.
    package func apply(first: Int, examples: Int, count: Int, seed: UInt64, step: Int, x: Floats, y: Floats) {
        pare_dropout(
            Int64(first), Int64(examples), Int64(count), seed, stream, UInt32(truncatingIfNeeded: step), threshold,
            scale, x, y)
    }
}
