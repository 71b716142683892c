package import Tensors

/// The channels of two or more inputs, one after the other; the positions must agree.
package struct Concatenate: Layer {
    package static let kind = "concatenate"
    package init() {}
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {}
    package var inputCount: ClosedRange<Int> { 2...Int.max }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        guard inputs[0].rank >= 1 else { throw NetworkError(.shapeMismatch, "the inputs have no channels") }
        let positions = inputs[0].dimensions.dropFirst()
        guard let other = inputs.first(where: { $0.rank != inputs[0].rank || $0.dimensions.dropFirst() != positions })
        else { return Shape([inputs.map { $0[0] }.reduce(0, +)] + positions) }
        throw NetworkError(.shapeMismatch, "cannot concatenate \(inputs[0]) and \(other): only channels may differ")
    }

    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        flow.keep(inputs.flatMap { $0 })
    }
}
