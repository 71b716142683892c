internal import CKernels

/// Convolution of int8 elements with int8 weights, over steps or over images, of one geometry and with its weights:
/// `sum of weights * (x - zeroPoint) + bias` in 32 bits, rescaled.
package struct IntegerConvolutionKernel: Sendable {
    private let convolution: pare_integer_convolution
    private let zeroPoint: Int32
    private let packed: [Int16]
    private let bias: [Int32]
    private let output: IntegerOutput
    private let scratchCount: Int

    /// - Parameters:
    ///   - axes: One for steps, two for images.
    ///   - spread: How far apart the elements of the input are along each axis, with zeros between them.
    ///   - weights: `[filters, channels / groups] + window`.
    ///   - bias: `[filters]`.
    package init(
        channels: Int, filters: Int, groups: Int, axes: [ConvolutionKernel.Axis], spread: [Int]? = nil,
        zeroPoint: Int8, weights: [Int8], bias: [Int32], output: IntegerOutput
    ) {
        // Steps are the columns of one row.
        let (rows, columns) = axes.count == 2 ? (axes[0], axes[1]) : (.single, axes[0])
        let spread = Array(([1, 1] + (spread ?? [])).suffix(2))
        var convolution = pare_integer_convolution(
            channels: Int64(channels), height: Int64(rows.input), width: Int64(columns.input), filters: Int64(filters),
            filter_height: Int64(rows.window), filter_width: Int64(columns.window), groups: Int64(groups),
            row_stride: Int64(rows.stride), column_stride: Int64(columns.stride),
            row_dilation: Int64(rows.dilation), column_dilation: Int64(columns.dilation),
            rows_before: Int64(rows.before), columns_before: Int64(columns.before),
            row_spread: Int64(spread[0]), column_spread: Int64(spread[1]),
            output_height: Int64(rows.output), output_width: Int64(columns.output))
        let count = Int(pare_integer_convolution_packed(&convolution))
        packed = Array(unsafeUninitializedCapacity: count) { packed, initialized in
            initialized = count
            guard let packed = packed.baseAddress else { return }
            pare_integer_convolution_pack(&convolution, weights, packed)
        }
        scratchCount = Int(pare_integer_convolution_scratch(&convolution))
        self.convolution = convolution
        self.zeroPoint = Int32(zeroPoint)
        self.bias = bias
        self.output = output
    }

    /// About the bytes that a call lays its input and sums out in, in floating point as they may leave 64 bits.
    package static func scratchBytes(channels: Int, groups: Int, axes: [ConvolutionKernel.Axis]) -> Double {
        var (phases, positions) = (1.0, 1.0)
        for axis in axes {
            let last = axis.dilation * (axis.window - 1)
            phases *= Double(min(axis.stride, last + 1))
            positions *= Double(axis.output + last / axis.stride)
        }
        return 2 * Double(channels + groups) * phases * positions + 16 * positions
    }

    /// From `[channels] + inputs` to `[filters] + outputs`.
    package func callAsFunction(_ x: [Int8]) -> [Int8] {
        let size = Int(convolution.filters * convolution.output_height * convolution.output_width)
        return withUnsafePointer(to: convolution) { convolution in
            output.withForm { output in
                withUnsafeTemporaryAllocation(of: Int16.self, capacity: scratchCount) { scratch in
                    Array(unsafeUninitializedCapacity: size) { y, count in
                        count = size
                        guard let y = y.baseAddress, let scratch = scratch.baseAddress else { return }
                        pare_integer_convolve(convolution, x, zeroPoint, packed, bias, output, y, scratch)
                    }
                }
            }
        }
    }
}
