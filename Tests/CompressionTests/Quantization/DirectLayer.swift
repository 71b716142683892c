import Networks
import Tensors

/// What each layer computes, written out in Double: the reference for preparation and for integer arithmetic.
///
/// Integers times powers of two are exact in it.
enum DirectLayer {
    /// The output of one example.
    ///
    /// - Parameter parameters: Elements under `<node>.<parameter>`.
    static func output(
        of node: Network.Node, in network: Network, inputs: [[Double]], parameters: [String: [Double]]
    ) -> [Double] {
        let shapes = network.inputShapes(of: node)
        let outputShape = network.shape(of: node.name) ?? []
        func parameter(_ name: String) -> [Double]? { parameters["\(node.name).\(name)"] }
        switch node.layer {
        case is SequenceInput:
            let steps = outputShape[1]
            let (mean, deviation) = (parameter("mean"), parameter("deviation"))
            return inputs[0].enumerated().map { index, value -> Double in
                let centred = value - (mean?[index / steps] ?? 0)
                return centred / (deviation?[index / steps] ?? 1)
            }
        case let layer as Convolution1D:
            return convolution(
                layer, inputs[0], shape: shapes[0], outputSteps: outputShape[1], weights: parameter("weights") ?? [],
                bias: parameter("bias"))
        case let layer as Dense:
            let (weights, bias) = (parameter("weights") ?? [], parameter("bias"))
            return (0..<layer.outputs).map { unit -> Double in
                var sum: Double = bias?[unit] ?? 0
                for (index, value) in inputs[0].enumerated() { sum += weights[unit * inputs[0].count + index] * value }
                return sum
            }
        case let layer as BatchNormalization:
            let positions = outputShape.count / outputShape[0]
            let (mean, variance) = (parameter("mean") ?? [], parameter("variance") ?? [])
            let (scale, offset) = (parameter("scale") ?? [], parameter("offset") ?? [])
            return inputs[0].enumerated().map { index, value -> Double in
                let channel = index / positions
                let deviation = (variance[channel] + layer.epsilon).squareRoot()
                return scale[channel] * (value - mean[channel]) / deviation + offset[channel]
            }
        case is ReLU: return inputs[0].map { max(0, $0) }
        case is Dropout, is Flatten: return inputs[0]
        case is Add: return inputs[0].indices.map { element in inputs.reduce(0) { $0 + $1[element] } }
        case is Concatenate: return inputs.flatMap { $0 }
        case is Softmax:
            let peak = inputs[0].max() ?? 0
            let powers = inputs[0].map { exponential($0 - peak) }
            return powers.map { $0 / powers.reduce(0, +) }
        case let layer as MaxPooling1D:
            return pooled(inputs[0], shape: shapes[0], layer.size, layer.stride, layer.padding, outputShape[1]) {
                $0.max() ?? 0
            }
        case let layer as AveragePooling1D:
            return pooled(inputs[0], shape: shapes[0], layer.size, layer.stride, layer.padding, outputShape[1], mean)
        case is GlobalAveragePooling: return channels(inputs[0], outputShape[0]).map(mean)
        case is GlobalMaxPooling: return channels(inputs[0], outputShape[0]).map { $0.max() ?? 0 }
        default: fatalError("no direct form of \(node.layer.kind)")
        }
    }

    /// The outputs of all nodes in order.
    static func outputs(of network: Network, input: [Float]) -> [[Double]] {
        let parameters = network.parameters.mapValues { $0.floats.map { Double($0) } }
        var outputs: [[Double]] = []
        for node in network.nodes {
            let inputs = node.inputs.compactMap { network.index(of: $0) }.map { outputs[$0] }
            outputs.append(
                output(
                    of: node, in: network, inputs: inputs.isEmpty ? [input.map { Double($0) }] : inputs,
                    parameters: parameters))
        }
        return outputs
    }

    private static func convolution(
        _ layer: Convolution1D, _ input: [Double], shape: Shape, outputSteps: Int, weights: [Double], bias: [Double]?
    ) -> [Double] {
        let (channels, steps) = (shape[0] / layer.groups, shape[1])
        let before = layer.padding.amounts(
            axis: 0, input: steps, window: layer.filterSize, stride: layer.stride, dilation: layer.dilation
        ).before
        return (0..<layer.filters * outputSteps).map { index in
            let (filter, step) = (index / outputSteps, index % outputSteps)
            var sum = bias?[filter] ?? 0
            let first = filter / (layer.filters / layer.groups) * channels
            for channel in 0..<channels {
                for tap in 0..<layer.filterSize {
                    let source = layer.stride * step + layer.dilation * tap - before
                    guard source >= 0, source < steps else { continue }
                    sum +=
                        weights[(filter * channels + channel) * layer.filterSize + tap]
                        * input[(first + channel) * steps + source]
                }
            }
            return sum
        }
    }

    private static func pooled(
        _ input: [Double], shape: Shape, _ size: Int, _ stride: Int, _ padding: Padding, _ outputSteps: Int,
        _ rule: ([Double]) -> Double
    ) -> [Double] {
        let before = padding.amounts(axis: 0, input: shape[1], window: size, stride: stride, dilation: 1).before
        return channels(input, shape[0]).flatMap { channel in
            (0..<outputSteps).map { step in
                rule(
                    (0..<size).map { stride * step + $0 - before }.filter(channel.indices.contains).map { channel[$0] })
            }
        }
    }

    private static func channels(_ input: [Double], _ count: Int) -> [[Double]] {
        let positions = input.count / count
        return (0..<count).map { Array(input[$0 * positions..<($0 + 1) * positions]) }
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    /// `e^x` for x of zero or less: the series for x / 2^10, squared ten times.
    private static func exponential(_ x: Double) -> Double {
        let part = max(x, -700) / 1024
        var (sum, term) = (1.0, 1.0)
        for degree in 1...12 {
            term *= part / Double(degree)
            sum += term
        }
        for _ in 0..<10 { sum *= sum }
        return sum
    }
}
