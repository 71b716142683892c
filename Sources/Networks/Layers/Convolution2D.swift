package import Tensors

/// Convolution over images: `[channels, height, width]` to `[filters, outputHeight, outputWidth]`.
///
/// As ``Convolution1D`` over two axes. With `groups`, the channels are cut into that many blocks and each block of
/// filters reads its own; `groups` equal to the channels is a depthwise convolution. `weights` is
/// `[filters, channels / groups, filterHeight, filterWidth]`.
package struct Convolution2D: Layer {
    package static let kind = "convolution2d"

    package var filters: Int
    package var filterSize: [Int]
    package var stride: [Int]
    package var dilation: [Int]
    package var padding: Padding
    package var groups: Int
    package var hasBias: Bool

    package init(
        filters: Int, filterSize: [Int], stride: [Int] = [1, 1], dilation: [Int] = [1, 1],
        padding: Padding = .none2D, groups: Int = 1, hasBias: Bool = true
    ) {
        self.filters = filters
        self.filterSize = filterSize
        self.stride = stride
        self.dilation = dilation
        self.padding = padding
        self.groups = groups
        self.hasBias = hasBias
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        filters = try attributes.integer("filters")
        filterSize = try attributes.integers("filterSize", count: 2)
        stride = try attributes.integers("stride", count: 2, default: [1, 1])
        dilation = try attributes.integers("dilation", count: 2, default: [1, 1])
        padding = try attributes.padding("padding", axes: 2)
        groups = try attributes.integer("groups", default: 1)
        hasBias = try attributes.boolean("bias", default: true)
    }

    package var attributes: [String: Attribute] {
        [
            "filters": .integer(filters), "filterSize": .integers(filterSize), "stride": .integers(stride),
            "dilation": .integers(dilation), "padding": padding.attribute, "groups": .integer(groups),
            "bias": .boolean(hasBias),
        ]
    }
}

// MARK: - Shape and parameters

extension Convolution2D {
    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].required(rank: 3, "[channels, height, width]")
        guard input[0] % groups == 0, filters % groups == 0 else {
            throw NetworkError(
                .shapeMismatch,
                "\(groups) groups divide neither or only one of \(input[0]) channels and \(filters) filters")
        }
        let extents = (0..<2).map { axis in
            padding.outputLength(
                axis: axis, input: input[axis + 1], window: filterSize[axis], stride: stride[axis],
                dilation: dilation[axis])
        }
        guard extents.allSatisfy({ $0 > 0 }) else {
            throw NetworkError(
                .shapeMismatch, "a filter of \(filterSize[0]) x \(filterSize[1]) does not fit the input \(input)")
        }
        return Shape([filters] + extents)
    }

    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        let (channels, area) = (inputs[0][0] / groups, filterSize[0] * filterSize[1])
        let weights = ParameterSpecification(
            "weights", [filters, channels, filterSize[0], filterSize[1]], role: .learnable,
            initializer: .glorot(fanIn: channels * area, fanOut: filters / groups * area),
            axes: [.outputChannels, groups == 1 ? .inputChannels : .inputChannelsOfGroup, .positions, .positions])
        return hasBias ? [weights, .bias(filters)] : [weights]
    }

    package func macs(inputs: [Shape], output: Shape) -> Int {
        output.count * inputs[0][0] / groups * filterSize[0] * filterSize[1]
    }
}

// MARK: - Channels

extension Convolution2D {
    /// A grouped convolution only passes on what is removed around it.
    package var filterKind: FilterKind? { groups == 1 ? .convolution : nil }

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

    package func keeping(inputs: [[Int]], outputs: [Int]) -> Self {
        var copy = self
        copy.filters = outputs.count
        // A depthwise layer keeps one group a channel.
        if groups > 1, inputs[0].count * (filters / groups) == outputs.count { copy.groups = inputs[0].count }
        return copy
    }
}
