package import Kernels

/// `y = x / (1 + exp(-x))`, element by element.
///
/// Ramachandran et al. 2017; also called SiLU.
package struct Swish: ElementwiseLayer {
    package static let kind = "swish"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}
    package var function: ElementFunction { .swish }
}
