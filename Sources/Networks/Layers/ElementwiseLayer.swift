package import Kernels
package import Tensors

/// A layer that is one function of each element, `y = f(x)`, and nothing else.
///
/// A kind is a small struct that says by which function; kernels know its value and its slope.
package protocol ElementwiseLayer: Layer {
    var function: ElementFunction { get }
}

extension ElementwiseLayer {
    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape { inputs[0] }
}
