internal import Foundation
internal import Networks
internal import Tensors

// MARK: - Element by element

extension ReferenceKernels {
    static func elementwise(_ x: ReferenceValues, _ layer: any ElementwiseLayer) -> ReferenceValues {
        map(x) { x in
            switch layer {
            case is ReLU: max(0, x)
            case let layer as LeakyReLU: x > 0 ? x : layer.slope * x
            case let layer as ClippedReLU: min(max(0, x), layer.ceiling)
            case let layer as ELU: x > 0 ? x : layer.alpha * (exp(x) - 1)
            case let layer as GELU:
                layer.approximation == .none
                    ? x * (1 + erf(x / 2.0.squareRoot())) / 2
                    : x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
            case is Swish: x / (1 + exp(-x))
            case is Tanh: tanh(x)
            case is Sigmoid: 1 / (1 + exp(-x))
            case is HardSigmoid: min(max(0, x / 6 + 0.5), 1)
            case is HardSwish: x * min(max(0, x / 6 + 0.5), 1)
            case is HardTanh: min(max(-1, x), 1)
            default: .nan
            }
        }
    }

    static func sloped(_ x: ReferenceValues, _ slope: [Double]) -> ReferenceValues {
        var y = x
        y.change { channel, value in value > 0 ? value : slope[channel] * value }
        return y
    }

    /// An input of one element a channel counts for every position.
    static func combined(_ inputs: [ReferenceValues], _ layer: any Combination) -> ReferenceValues {
        var y = inputs.reduce(inputs[0]) { $1.shape.count > $0.shape.count ? $1 : $0 }
        for example in 0..<y.examples {
            for channel in 0..<y.channels {
                for position in 0..<y.positions {
                    let operands = inputs.map { $0[example, channel, $0.positions == 1 ? 0 : position] }
                    y[example, channel, position] =
                        switch layer {
                        case is Add: operands.reduce(0, +)
                        case is Multiply: operands.reduce(1, *)
                        default: operands[0] - operands[1]
                        }
                }
            }
        }
        return y
    }

    static func normalized(
        _ x: ReferenceValues, _ layer: any InputLayer, _ parameters: [[Double]]
    ) -> ReferenceValues {
        var y = x
        y.change { channel, value in
            switch layer.normalization {
            case .none: value
            case .zerocenter: value - parameters[0][channel]
            case .zscore: (value - parameters[0][channel]) / parameters[1][channel]
            case .rescaleZeroOne:
                (value - parameters[0][channel]) / (parameters[1][channel] - parameters[0][channel])
            case .rescaleSymmetric:
                2 * (value - parameters[0][channel]) / (parameters[1][channel] - parameters[0][channel]) - 1
            }
        }
        return y
    }
}

// MARK: - Normalization

extension ReferenceKernels {
    static func grouped(
        _ x: ReferenceValues, groups: Int, epsilon: Double, _ parameters: [[Double]]
    ) -> ReferenceValues {
        var y = x
        let size = x.channels / groups
        for example in 0..<x.examples {
            for group in 0..<groups {
                let members = (group * size..<(group + 1) * size).flatMap { channel in
                    (0..<x.positions).map { (channel, $0) }
                }
                y.normalize(example, members, epsilon: epsilon, parameters)
            }
        }
        return y
    }

    static func normalizedByPosition(
        _ x: ReferenceValues, epsilon: Double, _ parameters: [[Double]]
    ) -> ReferenceValues {
        var y = x
        for example in 0..<x.examples {
            for position in 0..<x.positions {
                y.normalize(example, (0..<x.channels).map { ($0, position) }, epsilon: epsilon, parameters)
            }
        }
        return y
    }

    static func softmax(_ x: ReferenceValues) -> ReferenceValues {
        var y = x
        for example in 0..<x.examples {
            for position in 0..<x.positions {
                let row = (0..<x.channels).map { x[example, $0, position] }
                let largest = row.max() ?? 0
                let sum = row.map { exp($0 - largest) }.reduce(0, +)
                for (channel, value) in row.enumerated() {
                    y[example, channel, position] = exp(value - largest) / sum
                }
            }
        }
        return y
    }
}

extension ReferenceValues {
    fileprivate mutating func change(_ function: (_ channel: Int, _ value: Double) -> Double) {
        for example in 0..<examples {
            for channel in 0..<channels {
                for position in 0..<positions {
                    self[example, channel, position] = function(channel, self[example, channel, position])
                }
            }
        }
    }

    /// Normalizes some elements of an example together, given as channels and positions.
    fileprivate mutating func normalize(
        _ example: Int, _ members: [(Int, Int)], epsilon: Double, _ parameters: [[Double]]
    ) {
        let elements = members.map { self[example, $0.0, $0.1] }
        let mean = ReferenceKernels.mean(elements)
        let variance = ReferenceKernels.mean(elements.map { ($0 - mean) * ($0 - mean) })
        for (element, (channel, position)) in zip(elements, members) {
            self[example, channel, position] =
                parameters[0][channel] * (element - mean) / (variance + epsilon).squareRoot()
                + parameters[1][channel]
        }
    }
}

// MARK: - Windows and shapes

extension ReferenceKernels {
    static func pooling(_ x: ReferenceValues, _ layer: any WindowPooling) -> ReferenceValues {
        let isImage = layer.sizes.count == 2
        let isLargest = layer is MaxPooling1D || layer is MaxPooling2D
        let (height, width) = isImage ? (x.shape[1], x.shape[2]) : (1, x.shape[1])
        let (sizes, strides) = isImage ? (layer.sizes, layer.strides) : ([1] + layer.sizes, [1] + layer.strides)
        func windows(_ axis: Int, _ extent: Int) -> [[Int]] {
            let (before, after) =
                isImage || axis == 1
                ? layer.padding.amounts(
                    axis: isImage ? axis : 0, input: extent, window: sizes[axis], stride: strides[axis], dilation: 1)
                : (0, 0)
            var starts: [Int] = []
            var start = -before
            while start + sizes[axis] <= extent + after {
                starts.append(start)
                start += strides[axis]
            }
            return starts.map { start in (start..<start + sizes[axis]).filter { $0 >= 0 && $0 < extent } }
        }
        let (rows, columns) = (windows(0, height), windows(1, width))
        var y = ReferenceValues(
            shape: isImage ? [x.channels, rows.count, columns.count] : [x.channels, columns.count],
            examples: x.examples)
        for example in 0..<x.examples {
            for channel in 0..<x.channels {
                for (r, row) in rows.enumerated() {
                    for (c, column) in columns.enumerated() {
                        let window = row.flatMap { row in column.map { x[example, channel, row * width + $0] } }
                        y[example, channel, r * columns.count + c] =
                            isLargest ? window.max() ?? .nan : mean(window)
                    }
                }
            }
        }
        return y
    }

    static func concatenate(_ inputs: [ReferenceValues], _ layer: Concatenate) throws -> ReferenceValues {
        let axis = try layer.axis.index(in: inputs[0].shape)
        var dimensions = inputs[0].shape.dimensions
        dimensions[axis] = inputs.map { $0.shape[axis] }.reduce(0, +)
        var y = ReferenceValues(shape: Shape(dimensions), examples: inputs[0].examples)
        var start = 0
        for input in inputs {
            y.place(input) { $0 == axis ? start : 0 }
            start += input.shape[axis]
        }
        return y
    }

    static func pad(_ x: ReferenceValues, _ layer: Pad) -> ReferenceValues {
        let dimensions = x.shape.dimensions.enumerated().map { axis, extent in
            extent + layer.amounts(axis: axis).before + layer.amounts(axis: axis).after
        }
        var y = ReferenceValues(shape: Shape(dimensions), examples: x.examples)
        y.place(x) { layer.amounts(axis: $0).before }
        return y
    }

    static func slice(_ x: ReferenceValues, _ layer: Slice) throws -> ReferenceValues {
        let axis = try layer.axis.index(in: x.shape)
        var dimensions = x.shape.dimensions
        dimensions[axis] = layer.length
        var y = ReferenceValues(shape: Shape(dimensions), examples: x.examples)
        y.place(x) { $0 == axis ? -layer.start : 0 }
        return y
    }
}

extension ReferenceValues {
    /// Copies the elements of another array to where each axis is moved by a distance, as far as they are inside.
    fileprivate mutating func place(_ other: ReferenceValues, movedBy distance: (_ axis: Int) -> Int) {
        let (from, to) = (other.shape.dimensions, shape.dimensions)
        for example in 0..<examples {
            for element in 0..<other.shape.count {
                var (rest, target, stride, isInside) = (element, 0, 1, true)
                for axis in from.indices.reversed() {
                    let index = rest % from[axis] + distance(axis)
                    rest /= from[axis]
                    isInside = isInside && index >= 0 && index < to[axis]
                    target += index * stride
                    stride *= to[axis]
                }
                if isInside {
                    elements[example * shape.count + target] = other.elements[example * other.shape.count + element]
                }
            }
        }
    }
}
