package import Kernels

/// `y = x min(max(0, x / 6 + 0.5), 1)`, element by element.
///
/// Howard et al. 2019.
package struct HardSwish: ElementwiseLayer {
    package static let kind = "hardSwish"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}
    package var function: ElementFunction { .hardSwish }
}
