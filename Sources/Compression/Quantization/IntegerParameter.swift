package import Networks
package import Tensors

/// One parameter of a layer as a quantized network stores it.
///
/// Everything that looks at quantized parameters (rounding, their files, repair, signal-to-noise) goes by the list that
/// a layer gives of them, so that a layer may have several weight tensors and biases.
package struct IntegerParameter: Hashable, Sendable {
    package enum Form: Hashable, Sendable {
        /// int8 from -127 to 127: filters, units or gates along the first axis, with a scale for each or one for all.
        case weights
        /// int8 with a scale for each, whatever the granularity: one factor a channel.
        case factors
        /// int32, one for each row of weights or factors, in steps of the scale of that row times that of what they
        /// multiply.
        case bias(of: String, reading: Operand)
        /// int32 in steps of a power of two.
        case fixedPoint(exponent: Int)

        /// Whether it is int8 with scales of its own.
        package var hasScales: Bool { self == .weights || self == .factors }
    }

    /// What weights or factors multiply.
    package enum Operand: Hashable, Sendable {
        /// The first input of the layer, on its scale.
        case input
        /// Integers in steps of a power of two, which the layer makes.
        case exponent(Int)
    }

    /// The name within the layer.
    package let name: String
    package let shape: Shape
    package let form: Form

    package init(_ name: String, _ shape: Shape, _ form: Form) {
        self.name = name
        self.shape = shape
        self.form = form
    }

    /// The type of the stored integers.
    package var elementType: ElementType { form.hasScales ? .int8 : .int32 }
}

extension IntegerParameter {
    /// Weights and a bias that the layer adds to their products with its input.
    package static func weightsAndBias(of layer: some Layer, inputs: [Shape]) -> [IntegerParameter] {
        layer.parameters(inputs: inputs).filter { $0.role != .constant }.map { specification in
            IntegerParameter(
                specification.name, specification.shape,
                specification.name == "bias" ? .bias(of: "weights", reading: .input) : .weights)
        }
    }
}
