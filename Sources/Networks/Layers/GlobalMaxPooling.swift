package import Tensors

/// The largest element of each channel over all positions: `[channels, ...]` to `[channels]`.
package struct GlobalMaxPooling: Layer {
    package static let kind = "globalMaxPooling"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        guard inputs[0].rank >= 2 else {
            throw NetworkError(.shapeMismatch, "the input is \(inputs[0]); expected [channels, positions]")
        }
        return [inputs[0][0]]
    }
}
