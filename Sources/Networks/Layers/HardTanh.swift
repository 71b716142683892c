package import Kernels

/// `y = min(max(-1, x), 1)`, element by element.
package struct HardTanh: ElementwiseLayer {
    package static let kind = "hardTanh"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}
    package var function: ElementFunction { .hardTanh }
}
