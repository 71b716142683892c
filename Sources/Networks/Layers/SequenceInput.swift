package import Tensors

/// The input of sequences, `[channels, steps]`, with an optional normalization channel by channel.
///
/// `zscore` gives `(x - mean) / deviation`, `zerocenter` gives `x - mean`. Mean and deviation are constants, taken from
/// the training data when the network is first trained; they are neither learnables nor states.
package struct SequenceInput: Layer {
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

    package var inputCount: ClosedRange<Int> { 0...0 }
    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape { [channels, steps] }
    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        normalization.parameters(channels: channels)
    }

    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        flow.make(channels)
    }
}

/// What an input layer does to its data, channel by channel.
package enum InputNormalization: String, Hashable, Sendable, CaseIterable {
    case none
    case zerocenter
    case zscore

    func parameters(channels: Int) -> [ParameterSpecification] {
        let mean = ParameterSpecification(
            "mean", [channels], role: .constant, initializer: .zeros, axes: [.outputChannels])
        let deviation = ParameterSpecification(
            "deviation", [channels], role: .constant, initializer: .ones, axes: [.outputChannels])
        return switch self {
        case .none: []
        case .zerocenter: [mean]
        case .zscore: [mean, deviation]
        }
    }
}
