package import Tensors

/// Convolution over images: `[channels, height, width]` to `[filters, outputHeight, outputWidth]`.
///
/// As ``Convolution1D`` over two axes. `weights` is `[filters, channels / groups, filterHeight, filterWidth]`, `bias` is
/// `[filters]`; groups are those of ``ConvolutionLayer``.
package struct Convolution2D: ConvolutionLayer {
    package static let kind = "convolution2d"

    package var filters: Int
    package var filterSize: [Int]
    package var stride: [Int]
    package var dilation: [Int]
    package var padding: Padding
    package var groups: Int
    package var hasBias: Bool
    package var weightsInitializer: InitializerName
    package var biasInitializer: InitializerName

    package init(
        filters: Int, filterSize: [Int], stride: [Int] = [1, 1], dilation: [Int] = [1, 1],
        padding: Padding = .none2D, groups: Int = 1, hasBias: Bool = true,
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
        filterSize = try attributes.integers("filterSize", count: 2)
        stride = try attributes.integers("stride", count: 2, default: [1, 1])
        dilation = try attributes.integers("dilation", count: 2, default: [1, 1])
        padding = try attributes.padding("padding", axes: 2)
        groups = try attributes.integer("groups", default: 1)
        hasBias = try attributes.boolean("bias", default: true)
        weightsInitializer = try attributes.initializer("weightsInitializer", default: .glorot)
        biasInitializer = try attributes.initializer("biasInitializer", default: .zeros, of: InitializerName.biases)
    }

    package var attributes: [String: Attribute] {
        [
            "filters": .integer(filters), "filterSize": .integers(filterSize), "stride": .integers(stride),
            "dilation": .integers(dilation), "padding": padding.attribute, "groups": .integer(groups),
            "bias": .boolean(hasBias),
        ].merging(InitializerName.attributes(weights: weightsInitializer, bias: biasInitializer)) { $1 }
    }
}

extension Convolution2D {
    package var window: [Int] { filterSize }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].required(rank: 3, "[channels, height, width]")
        try checkGroups(of: input)
        let extents = (0..<2).map { axis in
            padding.outputLength(
                axis: axis, input: input[axis + 1], window: filterSize[axis], stride: stride[axis],
                dilation: dilation[axis])
        }
        guard extents.allSatisfy({ $0 > 0 }) else {
            throw NetworkError(
                .shapeMismatch,
                "a filter of \(dilation[0] * (filterSize[0] - 1) + 1) x \(dilation[1] * (filterSize[1] - 1) + 1) "
                    + "does not fit the input \(input)")
        }
        return Shape([filters] + extents)
    }

    package func macs(inputs: [Shape], output: Shape) -> Int {
        output.count * inputs[0][0] / groups * filterSize[0] * filterSize[1]
    }
}
