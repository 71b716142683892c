package import Tensors

/// Normalization of each example by itself, of all its channels and positions or of the channels of each position.
///
/// `y = scale * (x - mean) / sqrt(variance + epsilon) + offset` (Ba et al. 2016), with mean and variance (divided by n)
/// of what is normalized together. Scale and offset are one a channel. Steps past the end of a sequence do not count. If
/// pruning takes channels away, those that are left are normalized among themselves.
package struct LayerNormalization: Layer {
    /// What is normalized together.
    package enum Extent: String, Hashable, Sendable, CaseIterable {
        /// All channels and positions of an example.
        case all
        /// The channels of each position.
        case channels
    }

    package static let kind = "layerNormalization"

    package var over: Extent
    package var epsilon: Double

    package init(over: Extent = .all, epsilon: Double = 1e-5) {
        self.over = over
        self.epsilon = epsilon
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        over = try attributes.choice("over", default: .all)
        epsilon = try attributes.number("epsilon", in: 1e-12...1, default: 1e-5)
    }

    package var attributes: [String: Attribute] { ["over": .text(over.rawValue), "epsilon": .number(epsilon)] }
    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape { try inputs[0].requiredChannels() }

    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        ParameterSpecification.scaleAndOffset(channels: inputs[0][0])
    }

    package func macs(inputs: [Shape], output: Shape) -> Int { output.count }
}
