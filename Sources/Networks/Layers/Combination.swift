package import Kernels
package import Tensors

/// A layer that combines its inputs element by element: a sum, a difference or a product.
///
/// The output has the shape of the largest input. Every other input has that shape too, or one element a channel
/// (`[channels]`, `[channels, 1]`, ...), which then counts for every position: the scaling of squeeze and excitation is
/// `multiply` of `[channels, height, width]` and `[channels]`.
package protocol Combination: Layer {
    static var rule: CombinationRule { get }

    init()
}

extension Combination {
    package init(reading attributes: inout AttributeReader) throws(NetworkError) { self.init() }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        // Of equally large inputs the first.
        let output = inputs.reduce(inputs[0]) { $1.count > $0.count ? $1 : $0 }
        let other = inputs.first {
            $0 != output && !($0.rank >= 1 && output.rank >= 1 && $0.count == output[0] && $0[0] == output[0])
        }
        guard let other else { return output }
        // In the order in which they are read.
        let isFirst = inputs.first { $0 == output || $0 == other } == output
        let (left, right) = isFirst ? (output, other) : (other, output)
        throw NetworkError(.shapeMismatch, "cannot \(Self.kind) \(left) and \(right)")
    }

    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        flow.join(inputs)
    }
}
