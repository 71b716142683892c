package import Kernels

/// `y = max(0, x)`, element by element.
package struct ReLU: ElementwiseLayer {
    package static let kind = "relu"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}
    package var function: ElementFunction { .relu }
}
