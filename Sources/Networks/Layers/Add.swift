package import Tensors

/// The sum of two or more inputs of one shape.
package struct Add: Layer {
    package static let kind = "add"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}
    package var inputCount: ClosedRange<Int> { 2...Int.max }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        guard let other = inputs.first(where: { $0 != inputs[0] }) else { return inputs[0] }
        throw NetworkError(.shapeMismatch, "cannot add \(inputs[0]) and \(other)")
    }

    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        flow.join(inputs)
    }
}
