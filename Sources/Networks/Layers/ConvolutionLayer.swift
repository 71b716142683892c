package import Tensors

/// What the kinds of convolution have in common: filters over channels, perhaps in groups.
///
/// With `groups`, channels and filters are cut into that many blocks, and each block of filters reads its own block of
/// channels; as many groups as channels make a depthwise convolution. `weights` is
/// `[filters, channels / groups] + window`, `bias` is `[filters]`.
package protocol ConvolutionLayer: Layer {
    var filters: Int { get set }
    var groups: Int { get set }
    var hasBias: Bool { get set }
    var weightsInitializer: InitializerName { get }
    var biasInitializer: InitializerName { get }
    /// The size of a filter, axis by axis.
    var window: [Int] { get }
}

extension ConvolutionLayer {
    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        let (channels, area) = (inputs[0][0] / groups, window.reduce(1, *))
        let weights = ParameterSpecification(
            "weights", Shape([filters, channels] + window), role: .learnable,
            initializer: weightsInitializer.initializer(fanIn: channels * area, fanOut: filters / groups * area),
            axes: [.outputChannels, groups == 1 ? .inputChannels : .inputChannelsOfGroup]
                + window.map { _ in .positions })
        return hasBias ? [weights, .bias(filters, biasInitializer.ofBias)] : [weights]
    }

    /// The filters of a depthwise convolution make no channels of their own: they go with those that they read.
    package var filterKind: FilterKind? { .convolution }

    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        if groups == 1 { return flow.make(filters) }
        if groups == inputs[0].count { return flow.spread(inputs[0], copies: filters / groups) }
        flow.tieBlocks(inputs[0], blocks: groups)
        let outputs = flow.make(filters)
        flow.tieBlocks(outputs, blocks: groups)
        return outputs
    }

    package func channelBlocks(inputs: [Shape]) -> Int { groups < inputs[0][0] ? groups : 1 }

    package func keeping(inputs: [[Int]], outputs: [Int]) -> Self {
        var copy = self
        copy.filters = outputs.count
        // A depthwise layer keeps one group a channel.
        if groups > 1, inputs[0].count * (filters / groups) == outputs.count { copy.groups = inputs[0].count }
        return copy
    }

    /// Throws unless the groups divide channels and filters.
    func checkGroups(of input: Shape) throws(NetworkError) {
        guard input[0] % groups == 0, filters % groups == 0 else {
            throw NetworkError(
                .shapeMismatch,
                "\(groups) groups must divide both the channels of the input \(input) and the \(filters) filters")
        }
    }
}
