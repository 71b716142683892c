package import Tensors

/// `y = x` above zero and `slope x` below it, with a learnable slope for each channel.
///
/// He et al. 2015; slopes begin as 0.25.
package struct PReLU: Layer {
    package static let kind = "prelu"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape { try inputs[0].requiredChannels() }

    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        [
            ParameterSpecification(
                "slope", [inputs[0][0]], role: .learnable, initializer: .constant(0.25), axes: [.outputChannels])
        ]
    }
}
