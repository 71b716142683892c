package import Tensors

/// Batch normalization over examples and positions, channel by channel (Ioffe and Szegedy 2015).
///
/// `y = scale * (x - mean) / sqrt(variance + epsilon) + offset`. In training, mean and variance are those of the batch
/// (variance divided by n), and the states follow them: `state += momentum * (batch - state)`, with the variance of the
/// batch divided by n - 1. In inference the states are used.
package struct BatchNormalization: Layer {
    package static let kind = "batchNormalization"

    package var epsilon: Double
    package var momentum: Double

    package init(epsilon: Double = 1e-5, momentum: Double = 0.1) {
        self.epsilon = epsilon
        self.momentum = momentum
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        epsilon = try attributes.number("epsilon", in: 1e-12...1, default: 1e-5)
        momentum = try attributes.number("momentum", in: 0...1, default: 0.1)
    }

    package var attributes: [String: Attribute] { ["epsilon": .number(epsilon), "momentum": .number(momentum)] }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        try inputs[0].requiredChannels()
    }

    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        let shape: Shape = [inputs[0][0]]
        return ParameterSpecification.scaleAndOffset(channels: inputs[0][0]) + [
            ParameterSpecification("mean", shape, role: .state, initializer: .zeros, axes: [.outputChannels]),
            ParameterSpecification("variance", shape, role: .state, initializer: .ones, axes: [.outputChannels]),
        ]
    }

    package func macs(inputs: [Shape], output: Shape) -> Int { output.count }
}
