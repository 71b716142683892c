package import Kernels

/// Learnables that are a function of what the solver changes: a reparametrization.
///
/// The solver changes a master copy. Before the first step and after each one the learnables that the network computes
/// with are made of it: rounded weights, or weights with some held at zero. The network that training gives, and those
/// that it validates, have the mapped learnables; a checkpoint keeps the master copy.
///
/// Buffers are flat, with learnables where `Network.learnableRanges` says. Both methods work element by element, are
/// called for ranges that do not overlap on any thread and in any order, and must not allocate.
package protocol LearnableMapping: Sendable {
    /// Overwrites a range of the learnables from the same range of the master copy.
    func map(_ master: FloatBuffer, to learnables: FloatBuffer, in range: Range<Int>)

    /// Makes the gradients of the master copy from those of the learnables, in place.
    ///
    /// As they are unless a mapping says otherwise: the straight-through estimator (Bengio et al. 2013).
    func pullBack(_ gradients: FloatBuffer, to master: FloatBuffer, in range: Range<Int>)
}

extension LearnableMapping {
    package func pullBack(_ gradients: FloatBuffer, to master: FloatBuffer, in range: Range<Int>) {}
}
