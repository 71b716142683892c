package import Tensors

/// `y[i] = exp(x[i]) / sum of exp(x[j])` over the channels of a vector, or of each position.
package struct Softmax: Layer {
    package static let kind = "softmax"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        try inputs[0].requiredChannels()
    }

    /// Every output depends on every input: nothing can be removed through it.
    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        flow.stop(inputs, outputs: output[0])
    }
}
