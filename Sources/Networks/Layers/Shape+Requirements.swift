internal import Tensors

extension Shape {
    /// This shape, if it has the rank that a layer needs.
    func required(rank: Int, _ expected: String) throws(NetworkError) -> Shape {
        guard self.rank == rank else {
            throw NetworkError(.shapeMismatch, "the input is \(self); expected \(expected)")
        }
        return self
    }
}

extension ParameterSpecification {
    /// A bias of one value a filter or unit.
    static func bias(_ count: Int) -> ParameterSpecification {
        ParameterSpecification("bias", [count], role: .learnable, initializer: .zeros, axes: [.outputChannels])
    }
}

extension Shape {
    /// The shape after pooling the steps of `[channels, steps]`.
    func pooled(size: Int, stride: Int, padding: Padding) throws(NetworkError) -> Shape {
        let input = try required(rank: 2, "[channels, steps]")
        let (before, after) = padding.amounts(axis: 0, input: input[1], window: size, stride: stride, dilation: 1)
        let steps = padding.outputLength(input: input[1], window: size, stride: stride, dilation: 1)
        guard steps > 0 else {
            throw NetworkError(.shapeMismatch, "a window of \(size) steps does not fit the input \(input)")
        }
        // Every window must see an element of the input.
        guard before < size, after < size else {
            throw NetworkError(.shapeMismatch, "padding of \(before) and \(after) is not below the window size \(size)")
        }
        return [input[0], steps]
    }
}
