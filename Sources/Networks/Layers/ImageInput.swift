package import Tensors

/// The input of images, `[channels, height, width]`, with an optional normalization channel by channel.
package struct ImageInput: InputLayer {
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

    package var shape: Shape { [channels, height, width] }
}
