internal import Tensors

extension Shape {
    /// This shape, if it has the rank that a layer needs.
    func required(rank: Int, _ expected: String) throws(NetworkError) -> Shape {
        guard self.rank == rank else {
            throw NetworkError(.shapeMismatch, "the input is \(self); expected \(expected)")
        }
        return self
    }

    /// This shape, if it has channels.
    func requiredChannels() throws(NetworkError) -> Shape {
        guard rank >= 1 else { throw NetworkError(.shapeMismatch, "the input has no channels") }
        return self
    }

    /// How many positions each channel has.
    var positions: Int { dimensions.dropFirst().reduce(1, *) }
}

extension ParameterSpecification {
    /// A bias of one value a filter or unit.
    static func bias(_ count: Int, _ initializer: Initializer = .zeros) -> ParameterSpecification {
        ParameterSpecification("bias", [count], role: .learnable, initializer: initializer, axes: [.outputChannels])
    }

    /// What normalization ends with, one of each a channel: `y = scale * normalized + offset`.
    static func scaleAndOffset(channels: Int) -> [ParameterSpecification] {
        [
            ParameterSpecification("scale", [channels], role: .learnable, initializer: .ones, axes: [.outputChannels]),
            ParameterSpecification(
                "offset", [channels], role: .learnable, initializer: .zeros, axes: [.outputChannels]),
        ]
    }
}
