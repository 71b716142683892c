package import Tensors

/// In training, sets each element to zero with a probability and divides the others by one minus it; otherwise nothing.
package struct Dropout: Layer {
    package static let kind = "dropout"

    package var probability: Double

    package init(probability: Double = 0.5) { self.probability = probability }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        probability = try attributes.number("probability", in: 0...0.99, default: 0.5)
    }

    package var attributes: [String: Attribute] { ["probability": .number(probability)] }
    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape { inputs[0] }
}
