package import Tensors

/// All elements as one vector, channel by channel: `[channels, ...]` to `[channels * positions]`.
package struct Flatten: Layer {
    package static let kind = "flatten"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        guard inputs[0].rank >= 1 else { throw NetworkError(.shapeMismatch, "the input has no channels") }
        return [inputs[0].count]
    }

    /// Each channel owns as many elements as there are positions.
    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        flow.spread(inputs[0], copies: output[0] / max(1, inputs[0].count))
    }
}
