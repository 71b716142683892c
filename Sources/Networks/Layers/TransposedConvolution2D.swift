package import Tensors

/// Transposed convolution over images: `[channels, height, width]` to `[filters, outputHeight, outputWidth]`.
///
/// As ``TransposedConvolution1D`` over two axes. `weights` is `[filters, channels / groups, filterHeight, filterWidth]`,
/// filters first as for a convolution, `bias` is `[filters]`; groups are those of ``ConvolutionLayer``.
package struct TransposedConvolution2D: ConvolutionLayer {
    package static let kind = "transposedConvolution2d"

    package var filters: Int
    package var filterSize: [Int]
    package var stride: [Int]
    /// `same`, or how many elements go at each side.
    package var cropping: Padding
    package var groups: Int
    package var hasBias: Bool
    package var weightsInitializer: InitializerName
    package var biasInitializer: InitializerName

    package init(
        filters: Int, filterSize: [Int], stride: [Int] = [1, 1], cropping: Padding = .none2D, groups: Int = 1,
        hasBias: Bool = true,
        weightsInitializer: InitializerName = .glorot, biasInitializer: InitializerName = .zeros
    ) {
        self.filters = filters
        self.filterSize = filterSize
        self.stride = stride
        self.cropping = cropping
        self.groups = groups
        self.hasBias = hasBias
        self.weightsInitializer = weightsInitializer
        self.biasInitializer = biasInitializer
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        filters = try attributes.integer("filters")
        filterSize = try attributes.integers("filterSize", count: 2)
        stride = try attributes.integers("stride", count: 2, default: [1, 1])
        cropping = try attributes.cropping("cropping", axes: 2)
        groups = try attributes.integer("groups", default: 1)
        hasBias = try attributes.boolean("bias", default: true)
        weightsInitializer = try attributes.initializer("weightsInitializer", default: .glorot)
        biasInitializer = try attributes.initializer("biasInitializer", default: .zeros, of: InitializerName.biases)
    }

    package var attributes: [String: Attribute] {
        [
            "filters": .integer(filters), "filterSize": .integers(filterSize), "stride": .integers(stride),
            "cropping": cropping.attribute, "groups": .integer(groups), "bias": .boolean(hasBias),
        ].merging(InitializerName.attributes(weights: weightsInitializer, bias: biasInitializer)) { $1 }
    }
}

extension TransposedConvolution2D {
    package var window: [Int] { filterSize }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].required(rank: 3, "[channels, height, width]")
        try checkGroups(of: input)
        let extents = (0..<2).map { axis in
            cropping.transposedLength(
                axis: axis, input: input[axis + 1], window: filterSize[axis], stride: stride[axis])
        }
        guard extents.allSatisfy({ $0 > 0 }) else {
            let made = (0..<2).map { stride[$0] * (input[$0 + 1] - 1) + filterSize[$0] }
            throw NetworkError(
                .shapeMismatch,
                "cropping \(cropping.attribute) leaves nothing of the \(made[0]) x \(made[1]) image made of the "
                    + "input \(input)")
        }
        return Shape([filters] + extents)
    }

    package func macs(inputs: [Shape], output: Shape) -> Int {
        inputs[0].count * filters / groups * filterSize[0] * filterSize[1]
    }
}
