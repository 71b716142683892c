package import Tensors

/// One parameter that a layer has: its name within the layer, shape, role, first value, and what its axes run over.
package struct ParameterSpecification: Hashable, Sendable {
    package enum Role: Hashable, Sendable {
        /// Changed by the solver.
        case learnable
        /// Changed by running the network in training, such as the statistics of batch normalization.
        case state
        /// Fixed before training, such as the normalization of the input; neither learnable nor state.
        case constant
    }

    /// What an axis of the parameter runs over; it is sliced when those channels are removed.
    package enum Axis: Hashable, Sendable {
        case outputChannels
        case inputChannels
        /// The input channels of one group of a grouped convolution.
        case inputChannelsOfGroup
        case positions
    }

    package let name: String
    package let shape: Shape
    package let role: Role
    package let initializer: Initializer
    package let axes: [Axis]

    package init(_ name: String, _ shape: Shape, role: Role, initializer: Initializer, axes: [Axis]) {
        precondition(axes.count == shape.rank, "every axis says what it runs over")
        self.name = name
        self.shape = shape
        self.role = role
        self.initializer = initializer
        self.axes = axes
    }
}

/// How a parameter gets its first value.
package enum Initializer: Hashable, Sendable {
    case zeros
    case ones
    /// Uniform in ±sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010).
    case glorot(fanIn: Int, fanOut: Int)
    /// Uniform in ±sqrt(6 / fanIn) (He et al. 2015).
    case he(fanIn: Int)

    /// The first value of a tensor of the given shape.
    package func tensor(shape: Shape, random: inout RandomStream) -> Tensor {
        switch self {
        case .zeros: return Tensor(repeating: 0, shape: shape)
        case .ones: return Tensor(repeating: 1, shape: shape)
        case .glorot(let fanIn, let fanOut):
            return uniform(bound: (6 / Float(fanIn + fanOut)).squareRoot(), shape: shape, random: &random)
        case .he(let fanIn):
            return uniform(bound: (6 / Float(fanIn)).squareRoot(), shape: shape, random: &random)
        }
    }

    private func uniform(bound: Float, shape: Shape, random: inout RandomStream) -> Tensor {
        Tensor((0..<shape.count).map { _ in (2 * random.uniform() - 1) * bound }, shape: shape)
    }
}
