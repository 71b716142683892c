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
