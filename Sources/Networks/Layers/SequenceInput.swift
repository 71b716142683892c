package import Tensors

/// The input of sequences, `[channels, steps]`, with an optional normalization channel by channel.
package struct SequenceInput: InputLayer {
    package static let kind = "sequenceInput"

    package var channels: Int
    package var steps: Int
    package var normalization: InputNormalization

    package init(channels: Int, steps: Int, normalization: InputNormalization = .none) {
        self.channels = channels
        self.steps = steps
        self.normalization = normalization
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        channels = try attributes.integer("channels")
        steps = try attributes.integer("steps")
        normalization = try attributes.choice("normalization", default: .none)
    }

    package var attributes: [String: Attribute] {
        [
            "channels": .integer(channels), "steps": .integer(steps),
            "normalization": .text(normalization.rawValue),
        ]
    }

    package var shape: Shape { [channels, steps] }
}
