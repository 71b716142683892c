package import Tensors

/// The input of images, `[channels, height, width]`, with an optional normalization channel by channel.
package struct ImageInput: Layer {
    package static let kind = "imageInput"

    package var height: Int
    package var width: Int
    package var channels: Int
    package var normalization: InputNormalization

    package init(height: Int, width: Int, channels: Int, normalization: InputNormalization = .none) {
        self.height = height
        self.width = width
        self.channels = channels
        self.normalization = normalization
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        height = try attributes.integer("height")
        width = try attributes.integer("width")
        channels = try attributes.integer("channels")
        normalization = try attributes.choice("normalization", default: .none)
    }

    package var attributes: [String: Attribute] {
        [
            "height": .integer(height), "width": .integer(width), "channels": .integer(channels),
            "normalization": .text(normalization.rawValue),
        ]
    }

    package var inputCount: ClosedRange<Int> { 0...0 }
    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape { [channels, height, width] }
    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        normalization.parameters(channels: channels)
    }

    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        flow.make(channels)
    }
}
