package import Tensors

/// `y = max(0, x)`, element by element.
package struct ReLU: Layer {
    package static let kind = "relu"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}
    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape { inputs[0] }
}
