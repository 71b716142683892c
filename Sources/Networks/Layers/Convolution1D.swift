package import Tensors

/// Convolution over steps: `[channels, steps]` to `[filters, outputSteps]`.
///
/// `y[o, t] = bias[o] + sum over c, j of weights[o, c, j] * x[c, stride * t + dilation * j - before]`, where elements
/// outside the input are zero: the cross-correlation that the field calls convolution. `weights` is
/// `[filters, channels / groups, filterSize]`, `bias` is `[filters]`; groups are those of ``ConvolutionLayer``.
package struct Convolution1D: ConvolutionLayer {
    package static let kind = "convolution1d"

    package var filters: Int
    package var filterSize: Int
    package var stride: Int
    package var dilation: Int
    package var padding: Padding
    package var groups: Int
    package var hasBias: Bool
    package var weightsInitializer: InitializerName
    package var biasInitializer: InitializerName

    package init(
        filters: Int, filterSize: Int, stride: Int = 1, dilation: Int = 1, padding: Padding = .none1D,
        groups: Int = 1, hasBias: Bool = true,
        weightsInitializer: InitializerName = .glorot, biasInitializer: InitializerName = .zeros
    ) {
        self.filters = filters
        self.filterSize = filterSize
        self.stride = stride
        self.dilation = dilation
        self.padding = padding
        self.groups = groups
        self.hasBias = hasBias
        self.weightsInitializer = weightsInitializer
        self.biasInitializer = biasInitializer
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        filters = try attributes.integer("filters")
        filterSize = try attributes.integer("filterSize")
        stride = try attributes.integer("stride", default: 1)
        dilation = try attributes.integer("dilation", default: 1)
        padding = try attributes.padding("padding", axes: 1)
        groups = try attributes.integer("groups", default: 1)
        hasBias = try attributes.boolean("bias", default: true)
        weightsInitializer = try attributes.initializer("weightsInitializer", default: .glorot)
        biasInitializer = try attributes.initializer("biasInitializer", default: .zeros, of: InitializerName.biases)
    }

    package var attributes: [String: Attribute] {
        [
            "filters": .integer(filters), "filterSize": .integer(filterSize), "stride": .integer(stride),
            "dilation": .integer(dilation), "padding": padding.attribute, "groups": .integer(groups),
            "bias": .boolean(hasBias),
        ].merging(InitializerName.attributes(weights: weightsInitializer, bias: biasInitializer)) { $1 }
    }
}

extension Convolution1D {
    package var window: [Int] { [filterSize] }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].required(rank: 2, "[channels, steps]")
        try checkGroups(of: input)
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

    package func macs(inputs: [Shape], output: Shape) -> Int { output.count * inputs[0][0] / groups * filterSize }
}
