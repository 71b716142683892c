package import Kernels

/// `y = min(max(0, x / 6 + 0.5), 1)`, element by element.
package struct HardSigmoid: ElementwiseLayer {
    package static let kind = "hardSigmoid"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}
    package var function: ElementFunction { .hardSigmoid }
}
