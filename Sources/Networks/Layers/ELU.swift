package import Kernels

/// `y = x` above zero and `alpha (exp(x) - 1)` below it, element by element.
///
/// Clevert et al. 2016.
package struct ELU: ElementwiseLayer {
    package static let kind = "elu"

    package var alpha: Double

    package init(alpha: Double = 1) { self.alpha = alpha }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        alpha = try attributes.number("alpha", in: 0...1e3, default: 1)
    }

    package var attributes: [String: Attribute] { ["alpha": .number(alpha)] }
    package var function: ElementFunction { .elu(alpha: Float(alpha)) }
}
