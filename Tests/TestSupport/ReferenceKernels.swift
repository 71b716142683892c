package import Networks
package import Tensors

/// Numbers of a batch in double precision: `[examples] + shape`.
package struct ReferenceValues: Sendable {
    package var shape: Shape
    package var examples: Int
    package var elements: [Double]

    package init(shape: Shape, examples: Int, elements: [Double]) {
        precondition(elements.count == examples * shape.count, "\(elements.count) elements, \(examples) of \(shape)")
        self.shape = shape
        self.examples = examples
        self.elements = elements
    }

    init(shape: Shape, examples: Int) {
        self.init(shape: shape, examples: examples, elements: Array(repeating: 0, count: examples * shape.count))
    }

    var channels: Int { shape[0] }
    var positions: Int { shape.dimensions.dropFirst().reduce(1, *) }

    /// An element by example, channel and position.
    subscript(example: Int, channel: Int, position: Int) -> Double {
        get { elements[(example * channels + channel) * positions + position] }
        set { elements[(example * channels + channel) * positions + position] = newValue }
    }
}

/// What every layer computes, as naive loops in double precision that follow the formula in its documentation.
package enum ReferenceKernels {
    /// Batch normalization as it behaves in training or in inference.
    package enum Mode: Sendable {
        case inference
        case training(dropoutSeed: UInt64, step: Int)
    }

    package struct UnknownLayer: Error {
        package let kind: String
    }

    /// - Parameters:
    ///   - parameters: In the order of the layer's specifications; states are changed in training.
    ///   - inputs: Of one layer; an input layer gets its raw data.
    package static func forward(
        _ layer: any Layer, name: String, inputs: [ReferenceValues], parameters: inout [[Double]], mode: Mode
    ) throws -> ReferenceValues {
        let x = inputs[0]
        switch layer {
        case let layer as any InputLayer: return normalized(x, layer, parameters)
        case let layer as Dense: return dense(x, layer, parameters)
        case let layer as BatchNormalization: return batchNormalization(x, layer, &parameters, mode)
        case let layer as any RecurrentLayer: return recurrent(x, layer, parameters)
        case let layer as Dropout: return dropout(x, layer, name: name, mode)
        case let layer as any ElementwiseLayer: return elementwise(x, layer)
        case let layer as any Combination: return combined(inputs, layer)
        case is PReLU: return sloped(x, parameters[0])
        case let layer as GroupNormalization:
            return grouped(x, groups: layer.groups, epsilon: layer.epsilon, parameters)
        case let layer as LayerNormalization:
            return layer.over == .all
                ? grouped(x, groups: 1, epsilon: layer.epsilon, parameters)
                : normalizedByPosition(x, epsilon: layer.epsilon, parameters)
        case is Softmax: return softmax(x)
        case let layer as any WindowPooling: return pooling(x, layer)
        case let layer as Concatenate: return try concatenate(inputs, layer)
        case let layer as Slice: return try slice(x, layer)
        case let layer as Pad: return pad(x, layer)
        case let layer as Reshape:
            let shape = Shape([x.shape.count / layer.positions.reduce(1, *)] + layer.positions)
            return ReferenceValues(shape: shape, examples: x.examples, elements: x.elements)
        case is GlobalMaxPooling: return globalPooling(x) { $0.max() ?? .nan }
        case is GlobalAveragePooling: return globalPooling(x, mean)
        case is Flatten: return ReferenceValues(shape: [x.shape.count], examples: x.examples, elements: x.elements)
        default:
            guard let convolution = ReferenceConvolution(layer) else { throw UnknownLayer(kind: layer.kind) }
            return convolution(x, parameters)
        }
    }

    static func map(_ x: ReferenceValues, _ function: (Double) -> Double) -> ReferenceValues {
        ReferenceValues(shape: x.shape, examples: x.examples, elements: x.elements.map(function))
    }

    static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}

// MARK: - Layers with parameters

extension ReferenceKernels {
    private static func dense(_ x: ReferenceValues, _ layer: Dense, _ parameters: [[Double]]) -> ReferenceValues {
        var y = ReferenceValues(shape: [layer.outputs], examples: x.examples)
        for example in 0..<x.examples {
            for output in 0..<layer.outputs {
                var sum = layer.hasBias ? parameters[1][output] : 0
                for input in 0..<x.channels {
                    sum += parameters[0][output * x.channels + input] * x[example, input, 0]
                }
                y[example, output, 0] = sum
            }
        }
        return y
    }

    private static func batchNormalization(
        _ x: ReferenceValues, _ layer: BatchNormalization, _ parameters: inout [[Double]], _ mode: Mode
    ) -> ReferenceValues {
        var y = x
        for channel in 0..<x.channels {
            var (mean, variance) = (parameters[2][channel], parameters[3][channel])
            if case .training = mode {
                var elements: [Double] = []
                for example in 0..<x.examples {
                    for position in 0..<x.positions { elements.append(x[example, channel, position]) }
                }
                let average = self.mean(elements)
                let squares = elements.map { ($0 - average) * ($0 - average) }.reduce(0, +)
                parameters[2][channel] += layer.momentum * (average - mean)
                parameters[3][channel] += layer.momentum * (squares / Double(max(1, elements.count - 1)) - variance)
                (mean, variance) = (average, squares / Double(elements.count))
            }
            for example in 0..<x.examples {
                for position in 0..<x.positions {
                    y[example, channel, position] =
                        parameters[0][channel] * (x[example, channel, position] - mean)
                        / (variance + layer.epsilon).squareRoot() + parameters[1][channel]
                }
            }
        }
        return y
    }
}

// MARK: - Layers without parameters

extension ReferenceKernels {
    /// Draws the documented words: four an element block, counted by (block, step, stream).
    private static func dropout(
        _ x: ReferenceValues, _ layer: Dropout, name: String, _ mode: Mode
    ) -> ReferenceValues {
        guard case .training(let seed, let step) = mode else { return x }
        var stream: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "dropout/\(name)".utf8 { stream = (stream ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        let count = x.shape.count
        var y = x
        for example in 0..<x.examples {
            for element in 0..<count {
                let block = example * ((count + 3) / 4) + element / 4
                let words = RandomStream.philox(
                    (
                        UInt32(block), UInt32(step), UInt32(truncatingIfNeeded: stream),
                        UInt32(truncatingIfNeeded: stream >> 32)
                    ), key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
                let word = [words.0, words.1, words.2, words.3][element % 4]
                let isKept = Double(word) >= (layer.probability * 0x1p32).rounded(.down)
                y.elements[example * count + element] *= isKept ? 1 / (1 - layer.probability) : 0
            }
        }
        return y
    }

    static func globalPooling(_ x: ReferenceValues, _ function: ([Double]) -> Double) -> ReferenceValues {
        var y = ReferenceValues(shape: [x.channels], examples: x.examples)
        for example in 0..<x.examples {
            for channel in 0..<x.channels {
                y[example, channel, 0] = function((0..<x.positions).map { x[example, channel, $0] })
            }
        }
        return y
    }
}
