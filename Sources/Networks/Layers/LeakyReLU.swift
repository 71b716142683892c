package import Kernels

/// `y = x` above zero and `slope x` below it, element by element.
///
/// Maas et al. 2013.
package struct LeakyReLU: ElementwiseLayer {
    package static let kind = "leakyRelu"

    package var slope: Double

    package init(slope: Double = 0.01) { self.slope = slope }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        slope = try attributes.number("slope", in: 0...1, default: 0.01)
    }

    package var attributes: [String: Attribute] { ["slope": .number(slope)] }
    package var function: ElementFunction { .leakyReLU(slope: Float(slope)) }
}
