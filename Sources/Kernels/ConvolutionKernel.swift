internal import CKernels

/// Convolution of one geometry, over steps or over images; see `Convolution1D` and `Convolution2D` for the formula.
///
/// ``inputGradient(examples:dy:weights:bias:dx:scratch:)`` is the adjoint of forward, and so transposed convolution: a
/// kernel that reads `x` there computes from `filters` channels `channels` of them.
package struct ConvolutionKernel: Sendable {
    /// One axis of positions.
    package struct Axis: Hashable, Sendable {
        package var input: Int
        package var output: Int
        package var window: Int
        package var stride: Int
        package var dilation: Int
        /// Zeros in front of the first element.
        package var before: Int

        package init(input: Int, output: Int, window: Int, stride: Int, dilation: Int, before: Int) {
            self.input = input
            self.output = output
            self.window = window
            self.stride = stride
            self.dilation = dilation
            self.before = before
        }

        static let single = Axis(input: 1, output: 1, window: 1, stride: 1, dilation: 1, before: 0)
    }

    /// Which of the two axes of channels the weights of a group have first.
    package enum WeightOrder: Hashable, Sendable {
        /// `[filters, channels / groups] + window`.
        case filtersFirst
        /// `[channels, filters / groups] + window`.
        case channelsFirst
    }

    private let convolution: pare_convolution

    /// Floats of scratch memory that each function needs.
    package let scratchCount: Int

    /// - Parameters:
    ///   - groups: Divides `channels` and `filters`; the filters of a group read its channels alone.
    ///   - axes: One for steps, two for images.
    package init(channels: Int, filters: Int, groups: Int, axes: [Axis], weights order: WeightOrder = .filtersFirst) {
        precondition(axes.count == 1 || axes.count == 2, "\(axes.count) axes; a convolution has one or two")
        let (rows, columns) = (axes[0], axes.count == 2 ? axes[1] : .single)
        let size = rows.window * columns.window
        let (filterStep, channelStep) =
            order == .filtersFirst ? (channels / groups * size, size) : (size, filters / groups * size)
        var convolution = pare_convolution(
            channels: Int64(channels), height: Int64(rows.input), width: Int64(columns.input), filters: Int64(filters),
            filter_height: Int64(rows.window), filter_width: Int64(columns.window), groups: Int64(groups),
            row_stride: Int64(rows.stride), column_stride: Int64(columns.stride),
            row_dilation: Int64(rows.dilation), column_dilation: Int64(columns.dilation),
            rows_before: Int64(rows.before), columns_before: Int64(columns.before),
            output_height: Int64(rows.output), output_width: Int64(columns.output),
            filter_step: Int64(filterStep), channel_step: Int64(channelStep))
        scratchCount = Int(pare_convolution_scratch(&convolution))
        self.convolution = convolution
    }
}

extension ConvolutionKernel {
    /// Overwrites `y`, `[examples, filters] + outputs`, from `x`, `[examples, channels] + inputs`.
    package func forward(examples: Int, x: Floats, weights: Floats, bias: Floats?, y: Floats, scratch: Floats) {
        withUnsafePointer(to: convolution) {
            pare_convolution_forward($0, Int64(examples), x, weights, bias, y, scratch)
        }
    }

    /// Overwrites `dx`, of the layout of `x`, from `dy`, of the layout of `y`.
    ///
    /// - Parameter bias: Added to `dx`, one value a channel: the bias of a transposed convolution.
    package func inputGradient(
        examples: Int, dy: Floats, weights: Floats, bias: Floats? = nil, dx: Floats, scratch: Floats
    ) {
        withUnsafePointer(to: convolution) {
            pare_convolution_data_gradient($0, Int64(examples), dy, weights, bias, dx, scratch)
        }
    }

    /// Adds the gradient of the weights to `dweights`.
    package func addWeightGradient(examples: Int, x: Floats, dy: Floats, dweights: Floats, scratch: Floats) {
        withUnsafePointer(to: convolution) {
            pare_convolution_weight_gradient($0, Int64(examples), x, dy, dweights, scratch)
        }
    }

    /// Adds the gradient of a bias: the sums of `[examples, planes, positions]` over examples and positions.
    package static func addBiasGradient(examples: Int, planes: Int, positions: Int, dy: Floats, dbias: Floats) {
        pare_convolution_bias_gradient(Int64(examples), Int64(planes), Int64(positions), dy, dbias)
    }
}
