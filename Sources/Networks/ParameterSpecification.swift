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
