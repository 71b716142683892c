package import Tensors

/// Transposed convolution over steps: `[channels, steps]` to `[filters, outputSteps]`.
///
/// The adjoint of a convolution that reads `outputSteps` and has the same stride and, as padding, this layer's
/// cropping: `y[o, u] = bias[o] + sum over c, t, j with stride * t + j - before = u of weights[o, c, j] * x[c, t]`, that
/// is, each element of the input adds a filter's worth to the output, `stride` further on for each step, and `before`
/// elements are cropped at the beginning. `outputSteps` is `stride * (steps - 1) + filterSize - before - after`; with the
/// cropping `same` it is `stride * steps`. `weights` is `[filters, channels / groups, filterSize]`, filters first as for a
/// convolution, `bias` is `[filters]`; groups are those of ``ConvolutionLayer``. There is no dilation.
package struct TransposedConvolution1D: ConvolutionLayer {
    package static let kind = "transposedConvolution1d"

    package var filters: Int
    package var filterSize: Int
    package var stride: Int
    /// `same`, or how many elements go at each end.
    package var cropping: Padding
    package var groups: Int
    package var hasBias: Bool
    package var weightsInitializer: InitializerName
    package var biasInitializer: InitializerName

    package init(
        filters: Int, filterSize: Int, stride: Int = 1, cropping: Padding = .none1D, groups: Int = 1,
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
        filterSize = try attributes.integer("filterSize")
        stride = try attributes.integer("stride", default: 1)
        cropping = try attributes.cropping("cropping", axes: 1)
        groups = try attributes.integer("groups", default: 1)
        hasBias = try attributes.boolean("bias", default: true)
        weightsInitializer = try attributes.initializer("weightsInitializer", default: .glorot)
        biasInitializer = try attributes.initializer("biasInitializer", default: .zeros, of: InitializerName.biases)
    }

    package var attributes: [String: Attribute] {
        [
            "filters": .integer(filters), "filterSize": .integer(filterSize), "stride": .integer(stride),
            "cropping": cropping.attribute, "groups": .integer(groups), "bias": .boolean(hasBias),
        ].merging(InitializerName.attributes(weights: weightsInitializer, bias: biasInitializer)) { $1 }
    }
}

extension TransposedConvolution1D {
    package var window: [Int] { [filterSize] }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].required(rank: 2, "[channels, steps]")
        try checkGroups(of: input)
        let steps = cropping.transposedLength(input: input[1], window: filterSize, stride: stride)
        guard steps > 0 else {
            throw NetworkError(
                .shapeMismatch,
                "cropping \(cropping.attribute) leaves nothing of the "
                    + "\(stride * (input[1] - 1) + filterSize) steps made of the input \(input)")
        }
        return [filters, steps]
    }

    /// As many as a sequence of so many steps alone gives.
    package func steps(of inputs: [Int], shapes: [Shape], output: Shape) -> Int? {
        max(0, cropping.transposedLength(input: inputs[0], window: filterSize, stride: stride))
    }

    package func macs(inputs: [Shape], output: Shape) -> Int { inputs[0].count * filters / groups * filterSize }
}
