package import Tensors

/// Normalization of groups of channels of each example (Wu and He 2018).
///
/// `y = scale * (x - mean) / sqrt(variance + epsilon) + offset`, with mean and variance (divided by n) of the
/// `channels / groups` consecutive channels of a group over all positions. As many groups as channels is instance
/// normalization. Scale and offset are one a channel. Steps past the end of a sequence do not count.
package struct GroupNormalization: Layer {
    package static let kind = "groupNormalization"

    package var groups: Int
    package var epsilon: Double

    package init(groups: Int, epsilon: Double = 1e-5) {
        self.groups = groups
        self.epsilon = epsilon
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        groups = try attributes.integer("groups")
        epsilon = try attributes.number("epsilon", in: 1e-12...1, default: 1e-5)
    }

    package var attributes: [String: Attribute] { ["groups": .integer(groups), "epsilon": .number(epsilon)] }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].requiredChannels()
        guard input[0] % groups == 0 else {
            throw NetworkError(.shapeMismatch, "\(groups) groups do not divide the \(input[0]) channels of \(input)")
        }
        return input
    }

    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        ParameterSpecification.scaleAndOffset(channels: inputs[0][0])
    }

    package func macs(inputs: [Shape], output: Shape) -> Int { output.count }
}

// MARK: - Channels

extension GroupNormalization {
    /// Groups lose the same members, so that they stay equally large.
    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        if groups != inputs[0].count { flow.tieBlocks(inputs[0], blocks: groups) }
        return flow.keep(inputs[0])
    }

    package func channelBlocks(inputs: [Shape]) -> Int { groups < inputs[0][0] ? groups : 1 }

    package func keeping(inputs: [[Int]], outputs: [Int]) -> Self {
        // Instance normalization keeps one group a channel.
        var copy = self
        copy.groups = min(groups, outputs.count)
        return copy
    }
}
