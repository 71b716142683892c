package import Tensors

/// The layer that raw data comes in by, with an optional normalization channel by channel.
///
/// The constants of the normalization are taken from the training data when the network is first trained; they are
/// neither learnables nor states.
package protocol InputLayer: Layer {
    var channels: Int { get }
    var normalization: InputNormalization { get }
    /// The shape of one example, channels first.
    var shape: Shape { get }
}

extension InputLayer {
    package var inputCount: ClosedRange<Int> { 0...0 }
    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape { shape }

    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        normalization.constants.map { constant in
            ParameterSpecification(
                constant.rawValue, [channels], role: .constant, initializer: constant.initializer,
                axes: [.outputChannels])
        }
    }

    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        flow.make(channels)
    }
}
