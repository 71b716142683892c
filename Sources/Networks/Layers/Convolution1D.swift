package import Tensors

/// Convolution over steps: `[channels, steps]` to `[filters, outputSteps]`.
///
/// `y[o, t] = bias[o] + sum over c, j of weights[o, c, j] * x[c, stride * t + dilation * j - before]`, where elements
/// outside the input are zero: the cross-correlation that the field calls convolution. `weights` is
/// `[filters, channels, filterSize]`, `bias` is `[filters]`.
package struct Convolution1D: Layer {
    package static let kind = "convolution1d"

    package var filters: Int
    package var filterSize: Int
    package var stride: Int
    package var dilation: Int
    package var padding: Padding
    package var hasBias: Bool

    package init(
        filters: Int, filterSize: Int, stride: Int = 1, dilation: Int = 1, padding: Padding = .none1D,
        hasBias: Bool = true
    ) {
        self.filters = filters
        self.filterSize = filterSize
        self.stride = stride
        self.dilation = dilation
        self.padding = padding
        self.hasBias = hasBias
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        filters = try attributes.integer("filters")
        filterSize = try attributes.integer("filterSize")
        stride = try attributes.integer("stride", default: 1)
        dilation = try attributes.integer("dilation", default: 1)
        padding = try attributes.padding("padding", axes: 1)
        hasBias = try attributes.boolean("bias", default: true)
    }

    package var attributes: [String: Attribute] {
        [
            "filters": .integer(filters), "filterSize": .integer(filterSize), "stride": .integer(stride),
            "dilation": .integer(dilation), "padding": padding.attribute, "bias": .boolean(hasBias),
        ]
    }
}

// MARK: - Shape and parameters

extension Convolution1D {
    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].required(rank: 2, "[channels, steps]")
        let steps = padding.outputLength(input: input[1], window: filterSize, stride: stride, dilation: dilation)
        guard steps > 0 else {
            throw NetworkError(
                .shapeMismatch, "a filter of \(dilation * (filterSize - 1) + 1) steps does not fit the input \(input)")
        }
        return [filters, steps]
    }

    package func steps(of inputs: [Int], shapes: [Shape], output: Shape) throws(NetworkError) -> Int? {
        padding.validSteps(of: inputs[0], whole: shapes[0][1], window: filterSize, stride: stride, dilation: dilation)
    }

    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        let channels = inputs[0][0]
        let fans = Initializer.glorot(fanIn: channels * filterSize, fanOut: filters * filterSize)
        let weights = ParameterSpecification(
            "weights", [filters, channels, filterSize], role: .learnable, initializer: fans,
            axes: [.outputChannels, .inputChannels, .positions])
        return hasBias ? [weights, .bias(filters)] : [weights]
    }

    package func macs(inputs: [Shape], output: Shape) -> Int { output.count * inputs[0][0] * filterSize }
}

// MARK: - Channels

extension Convolution1D {
    package var filterKind: FilterKind? { .convolution }

    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        flow.make(filters)
    }

    package func keeping(inputs: [[Int]], outputs: [Int]) -> Self {
        var copy = self
        copy.filters = outputs.count
        return copy
    }
}
