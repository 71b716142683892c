package import Kernels
package import Tensors

/// Pooling over windows of positions.
///
/// A kind says by which rule a window becomes one element, and over how many axes; everything else is the same for all.
package protocol WindowPooling: Layer {
    static var rule: PoolingRule { get }

    /// The size and the stride of a window along each axis of positions.
    var sizes: [Int] { get }
    var strides: [Int] { get }
    var padding: Padding { get }
}

extension WindowPooling {
    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].required(
            rank: 1 + sizes.count, sizes.count == 1 ? "[channels, steps]" : "[channels, height, width]")
        var extents: [Int] = []
        for axis in sizes.indices {
            extents.append(
                padding.outputLength(
                    axis: axis, input: input[axis + 1], window: sizes[axis], stride: strides[axis], dilation: 1))
        }
        guard extents.allSatisfy({ $0 > 0 }) else {
            let text = sizes.count == 1 ? "\(sizes[0]) steps" : "\(sizes[0]) x \(sizes[1])"
            throw NetworkError(.shapeMismatch, "a window of \(text) does not fit the input \(input)")
        }
        // Every window must see an element of the input.
        for axis in sizes.indices {
            let (before, after) = padding.amounts(
                axis: axis, input: input[axis + 1], window: sizes[axis], stride: strides[axis], dilation: 1)
            guard before < sizes[axis], after < sizes[axis] else {
                throw NetworkError(
                    .shapeMismatch, "padding of \(before) and \(after) is not below the window size \(sizes[axis])")
            }
        }
        return Shape([input[0]] + extents)
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
