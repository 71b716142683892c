package import Kernels

/// `y = tanh(x)`, element by element.
package struct Tanh: ElementwiseLayer {
    package static let kind = "tanh"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}
    package var function: ElementFunction { .tanh }
}
