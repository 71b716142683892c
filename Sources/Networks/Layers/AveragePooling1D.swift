package import Tensors

/// The mean of each window over the elements that are inside the input.
///
/// `[channels, steps]` to `[channels, outputSteps]`.
package struct AveragePooling1D: Layer {
    package static let kind = "averagePooling1d"

    package var size: Int
    package var stride: Int
    package var padding: Padding

    /// - Parameter stride: `nil` for windows that touch.
    package init(size: Int, stride: Int? = nil, padding: Padding = .none1D) {
        self.size = size
        self.stride = stride ?? size
        self.padding = padding
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        size = try attributes.integer("size")
        stride = try attributes.integer("stride", default: size)
        padding = try attributes.padding("padding", axes: 1)
    }

    package var attributes: [String: Attribute] {
        ["size": .integer(size), "stride": .integer(stride), "padding": padding.attribute]
    }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        try inputs[0].pooled(size: size, stride: stride, padding: padding)
    }
}
