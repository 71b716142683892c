package import Kernels

/// `y = 1 / (1 + exp(-x))`, element by element.
package struct Sigmoid: ElementwiseLayer {
    package static let kind = "sigmoid"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}
    package var function: ElementFunction { .sigmoid }
}
