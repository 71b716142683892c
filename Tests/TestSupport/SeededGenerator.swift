internal import Tensors

/// Random numbers for tests: a function of the seed alone.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var stream: RandomStream

    package init(seed: UInt64) { stream = RandomStream(seed: seed, name: "tests") }

    package mutating func next() -> UInt64 { UInt64(stream.word()) << 32 | UInt64(stream.word()) }

    /// A number in [-1, 1).
    package mutating func signed() -> Float { 2 * stream.uniform() - 1 }

    /// Numbers in [-1, 1).
    package mutating func signed(_ count: Int) -> [Float] { (0..<count).map { _ in signed() } }

    /// Numbers that are apart from each other and from zero by at least 1/16, in random order.
    ///
    /// With these, rectifiers and maxima are smooth around the point that is tested.
    package mutating func spaced(_ count: Int) -> [Float] {
        stream.permutation(of: count).map { (Float($0) - Float(count / 2) + 0.5) / 16 }
    }
}
