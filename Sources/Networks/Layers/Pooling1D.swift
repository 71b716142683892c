package import Kernels
package import Tensors

/// Pooling over windows of steps: `[channels, steps]` to `[channels, outputSteps]`.
///
/// A kind says by which rule a window becomes one element; everything else is the same for all.
package protocol Pooling1D: Layer {
    static var rule: PoolingRule { get }

    var size: Int { get }
    var stride: Int { get }
    var padding: Padding { get }

    /// - Parameter stride: `nil` for windows that touch.
    init(size: Int, stride: Int?, padding: Padding)
}

extension Pooling1D {
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        let size = try attributes.integer("size")
        self.init(
            size: size, stride: try attributes.integer("stride", default: size),
            padding: try attributes.padding("padding", axes: 1))
    }

    package var attributes: [String: Attribute] {
        ["size": .integer(size), "stride": .integer(stride), "padding": padding.attribute]
    }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].required(rank: 2, "[channels, steps]")
        let (before, after) = padding.amounts(axis: 0, input: input[1], window: size, stride: stride, dilation: 1)
        let steps = padding.outputLength(input: input[1], window: size, stride: stride, dilation: 1)
        guard steps > 0 else {
            throw NetworkError(.shapeMismatch, "a window of \(size) steps does not fit the input \(input)")
        }
        // Every window must see an element of the input.
        guard before < size, after < size else {
            throw NetworkError(.shapeMismatch, "padding of \(before) and \(after) is not below the window size \(size)")
        }
        return [input[0], steps]
    }

    package func steps(of inputs: [Int], shapes: [Shape], output: Shape) throws(NetworkError) -> Int? {
        padding.validSteps(of: inputs[0], whole: shapes[0][1], window: size, stride: stride, dilation: 1)
    }
}

/// Pooling over all positions: `[channels, ...]` to `[channels]`.
package protocol GlobalPooling: Layer {
    static var rule: PoolingRule { get }

    init()
}

extension GlobalPooling {
    package init(reading attributes: inout AttributeReader) throws(NetworkError) { self.init() }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        guard inputs[0].rank >= 2 else {
            throw NetworkError(.shapeMismatch, "the input is \(inputs[0]); expected [channels, positions]")
        }
        return [inputs[0][0]]
    }

    package func steps(of inputs: [Int], shapes: [Shape], output: Shape) throws(NetworkError) -> Int? { nil }
}
