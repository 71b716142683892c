package import Kernels

/// `y = min(max(0, x), ceiling)`, element by element; with the default ceiling of 6 it is ReLU6.
package struct ClippedReLU: ElementwiseLayer {
    package static let kind = "clippedRelu"

    package var ceiling: Double

    package init(ceiling: Double = 6) { self.ceiling = ceiling }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        ceiling = try attributes.number("ceiling", in: 1e-6...1e6, default: 6)
    }

    package var attributes: [String: Attribute] { ["ceiling": .number(ceiling)] }
    package var function: ElementFunction { .clippedReLU(ceiling: Float(ceiling)) }
}
