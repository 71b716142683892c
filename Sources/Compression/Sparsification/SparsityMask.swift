internal import Kernels
internal import Networks
internal import Tensors
internal import Training

/// Holds weights at zero in training: those that were zero before it.
struct SparsityMask: LearnableMapping {
    /// By the place in the flat buffers; biases and the like are never held.
    private let isZero: [Bool]

    /// - Parameter parameters: The full names of the weights whose zeros stay.
    init(of network: Network, parameters: [String]) {
        let held = Set(parameters)
        isZero = network.learnableRanges.flatMap { name, specification, range in
            held.contains(name)
                ? network.parameters[name]?.floats.map { $0 == 0 } ?? [] : Array(repeating: false, count: range.count)
        }
    }

    func map(_ master: FloatBuffer, to learnables: FloatBuffer, in range: Range<Int>) {
        for index in range { learnables[index] = isZero[index] ? 0 : master[index] }
    }

    func pullBack(_ gradients: FloatBuffer, to master: FloatBuffer, in range: Range<Int>) {
        for index in range where isZero[index] { gradients[index] = 0 }
    }
}
