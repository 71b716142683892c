import Compression
import Kernels
import Networks
import Tensors

/// What the integer layers that run on kernels compute, in plain loops that follow their definitions.
struct IntegerReference {
    let place: IntegerPlace

    /// The output, or `nil` for a layer that runs on no kernel of its own.
    func output(_ inputs: [[Int8]]) -> [Int8]? {
        switch place.node.layer {
        case let layer as Convolution1D:
            return convolution(
                layer, inputs[0], stride: [layer.stride], dilation: [layer.dilation], padding: layer.padding)
        case let layer as Convolution2D:
            return convolution(
                layer, inputs[0], stride: layer.stride, dilation: layer.dilation, padding: layer.padding)
        case let layer as TransposedConvolution1D:
            return transposed(layer, inputs[0], stride: [layer.stride], cropping: layer.cropping)
        case let layer as TransposedConvolution2D:
            return transposed(layer, inputs[0], stride: layer.stride, cropping: layer.cropping)
        case let layer as Dense: return dense(layer, inputs[0])
        case let layer as any WindowPooling: return pooling(layer, inputs[0])
        case is Add: return sum(inputs, signs: inputs.map { _ in 1 })
        case is Subtract: return sum(inputs, signs: [1, -1])
        case is Multiply: return product(inputs)
        case let layer as any RecurrentLayer: return IntegerRecurrentReference(place, layer).output(inputs[0])
        default: return nil
        }
    }

    // MARK: - Rounding

    /// A sum of weights times the first input's integers, as the output has it.
    private func weighted(_ sum: Int, filter: Int) -> Int8 {
        let scales = place.scales("weights")
        return rounded(
            sum, Rescaling(place.inputs[0].scale, scales[scales.count == 1 ? 0 : filter], to: place.output.scale))
    }

    func rounded(_ sum: Int, _ rescaling: Rescaling) -> Int8 {
        let lowest = place.clampsAtZero ? Int(place.output.zeroPoint) : -128
        let value = Int(rescaling(Int32(sum))) + Int(place.output.zeroPoint)
        return Int8(max(lowest, min(127, value)))
    }

    private func difference(_ x: Int8, _ input: Int = 0) -> Int { Int(x) - Int(place.inputs[input].zeroPoint) }

    /// Rows and columns of a shape of steps or of an image.
    private func plane(_ shape: Shape) -> (rows: Int, columns: Int) {
        shape.rank == 2 ? (1, shape[1]) : (shape[1], shape[2])
    }

    /// Two numbers of an axis list, with one for the rows of a sequence.
    private func pair(_ values: [Int], _ filling: Int) -> (Int, Int) {
        values.count == 1 ? (filling, values[0]) : (values[0], values[1])
    }
}

// MARK: - Layers with weights

extension IntegerReference {
    private func convolution(
        _ layer: some ConvolutionLayer, _ x: [Int8], stride: [Int], dilation: [Int], padding: Padding
    ) -> [Int8] {
        let input = place.inputShapes[0]
        let before = stride.indices.map { axis in
            padding.amounts(
                axis: axis, input: input[axis + 1], window: layer.window[axis], stride: stride[axis],
                dilation: dilation[axis]
            ).before
        }
        let ((rows, columns), (outRows, outColumns)) = (plane(input), plane(place.outputShape))
        let ((height, width), (rowStride, columnStride)) = (pair(layer.window, 1), pair(stride, 1))
        let ((rowDilation, columnDilation), (above, left)) = (pair(dilation, 1), pair(before, 0))
        let (channels, filters) = (input[0] / layer.groups, layer.filters / layer.groups)
        let (weights, bias) = (place.int8s("weights"), place.int32s("bias", count: layer.filters))
        var y: [Int8] = []
        for filter in 0..<layer.filters {
            for row in 0..<outRows {
                for column in 0..<outColumns {
                    var sum = Int(bias[filter])
                    for channel in 0..<channels {
                        for i in 0..<height {
                            for j in 0..<width {
                                let r = rowStride * row + rowDilation * i - above
                                let c = columnStride * column + columnDilation * j - left
                                guard r >= 0, r < rows, c >= 0, c < columns else { continue }
                                let source = ((filter / filters * channels + channel) * rows + r) * columns + c
                                sum +=
                                    Int(weights[((filter * channels + channel) * height + i) * width + j])
                                    * difference(x[source])
                            }
                        }
                    }
                    y.append(weighted(sum, filter: filter))
                }
            }
        }
        return y
    }

    /// Every element of the input adds a filter's worth to the output.
    private func transposed(
        _ layer: some ConvolutionLayer, _ x: [Int8], stride: [Int], cropping: Padding
    ) -> [Int8] {
        let input = place.inputShapes[0]
        let before = stride.indices.map { axis in
            cropping.amounts(
                axis: axis, input: place.outputShape[axis + 1], window: layer.window[axis], stride: stride[axis],
                dilation: 1
            ).before
        }
        let ((rows, columns), (outRows, outColumns)) = (plane(input), plane(place.outputShape))
        let ((height, width), (rowStride, columnStride)) = (pair(layer.window, 1), pair(stride, 1))
        let (above, left) = pair(before, 0)
        let (channels, filters) = (input[0] / layer.groups, layer.filters / layer.groups)
        let (weights, bias) = (place.int8s("weights"), place.int32s("bias", count: layer.filters))
        var sums = (0..<place.outputShape.count).map { Int(bias[$0 / (outRows * outColumns)]) }
        for filter in 0..<layer.filters {
            for channel in 0..<channels {
                for position in 0..<rows * columns {
                    let value = difference(x[(filter / filters * channels + channel) * rows * columns + position])
                    for tap in 0..<height * width {
                        let r = rowStride * (position / columns) + tap / width - above
                        let c = columnStride * (position % columns) + tap % width - left
                        guard r >= 0, r < outRows, c >= 0, c < outColumns else { continue }
                        sums[(filter * outRows + r) * outColumns + c] +=
                            Int(weights[(filter * channels + channel) * height * width + tap]) * value
                    }
                }
            }
        }
        return sums.enumerated().map { weighted($1, filter: $0 / (outRows * outColumns)) }
    }

    private func dense(_ layer: Dense, _ x: [Int8]) -> [Int8] {
        let (weights, bias) = (place.int8s("weights"), place.int32s("bias", count: layer.outputs))
        return (0..<layer.outputs).map { unit in
            let sum = x.indices.reduce(Int(bias[unit])) { $0 + Int(weights[unit * x.count + $1]) * difference(x[$1]) }
            return weighted(sum, filter: unit)
        }
    }
}

// MARK: - Layers without weights

extension IntegerReference {
    private func pooling(_ layer: any WindowPooling, _ x: [Int8]) -> [Int8] {
        let input = place.inputShapes[0]
        let before = layer.sizes.indices.map { axis in
            layer.padding.amounts(
                axis: axis, input: input[axis + 1], window: layer.sizes[axis], stride: layer.strides[axis], dilation: 1
            ).before
        }
        let ((rows, columns), (outRows, outColumns)) = (plane(input), plane(place.outputShape))
        let ((height, width), (rowStride, columnStride)) = (pair(layer.sizes, 1), pair(layer.strides, 1))
        let (above, left) = pair(before, 0)
        return (0..<place.outputShape.count).map { index in
            let (channel, position) = (index / (outRows * outColumns), index % (outRows * outColumns))
            var elements: [Int] = []
            for i in 0..<height {
                for j in 0..<width {
                    let r = rowStride * (position / outColumns) + i - above
                    let c = columnStride * (position % outColumns) + j - left
                    guard r >= 0, r < rows, c >= 0, c < columns else { continue }
                    elements.append(Int(x[(channel * rows + r) * columns + c]))
                }
            }
            if type(of: layer).rule == .largest { return Int8(elements.max() ?? 0) }
            let mean = Double(elements.reduce(0, +)) / Double(elements.count)
            return Int8(
                place.output.scale.exponent == nil
                    ? mean.rounded(.toNearestOrAwayFromZero) : (mean + 0.5).rounded(.down))
        }
    }

    /// An operand at an element of the output; one element a channel counts for every position.
    private func operand(_ x: [Int8], _ input: Int, _ element: Int) -> Int {
        let positions = place.outputShape.count / place.outputShape[0]
        return difference(x[x.count == place.outputShape.count ? element : element / positions], input)
    }

    private func sum(_ inputs: [[Int8]], signs: [Int]) -> [Int8] {
        let exponents = place.inputs.compactMap(\.scale.exponent)
        let isExact = exponents.count == inputs.count && place.output.scale.exponent != nil
        let finest = exponents.min() ?? 0
        let twice = 2 * (place.inputs.map(\.step).max() ?? 1)
        return (0..<place.outputShape.count).map { element in
            var sum = 0
            for (index, x) in inputs.enumerated() {
                let value = operand(x, index, element)
                sum +=
                    signs[index]
                    * (isExact
                        ? value << (exponents[index] - finest)
                        : Int(Rescaling.real(place.inputs[index].step / twice)(Int32(value << 20))))
            }
            return rounded(
                sum,
                isExact
                    ? Rescaling(.exponent(Int8(finest)), to: place.output.scale)
                    : .real(twice / (0x1p20 * place.output.step)))
        }
    }

    private func product(_ inputs: [[Int8]]) -> [Int8] {
        (0..<place.outputShape.count).map { element in
            rounded(
                inputs.enumerated().reduce(1) { $0 * operand($1.element, $1.offset, element) },
                Rescaling(product: place.inputs.map(\.scale), to: place.output.scale))
        }
    }
}
