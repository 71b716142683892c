package import Tensors

/// The same elements at other positions: `[channels, ...]` to `[channels] + positions`.
///
/// A vector is cut into as many channels as there are: `[channels * positions]` to `[channels] + positions`, the inverse
/// of ``Flatten``.
package struct Reshape: Layer {
    package static let kind = "reshape"

    /// `[steps]` or `[height, width]`.
    package var positions: [Int]

    package init(positions: [Int]) { self.positions = positions }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        let bounds = 1...AttributeReader.largest
        switch attributes.attribute("positions") {
        case nil: throw NetworkError(.invalidAttribute, "attribute 'positions' is missing")
        case .integer(let steps) where bounds.contains(steps): positions = [steps]
        case .integers(let values) where (1...2).contains(values.count) && values.allSatisfy(bounds.contains):
            positions = values
        case let other?:
            throw AttributeReader.invalid("positions", other, "[steps] or [height, width], each 1 or more")
        }
    }

    package var attributes: [String: Attribute] { ["positions": .integers(positions)] }

    private var count: Int { positions.reduce(1, *) }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].requiredChannels()
        let text = Shape(positions).description
        if input.rank == 1 {
            guard input[0] % count == 0 else {
                throw NetworkError(
                    .shapeMismatch, "the input \(input) cannot be cut into channels of \(text) positions")
            }
            return Shape([input[0] / count] + positions)
        }
        guard input.positions == count else {
            throw NetworkError(
                .shapeMismatch,
                "the input \(input) has \(input.positions) positions a channel; \(text) are \(count)")
        }
        return Shape([input[0]] + positions)
    }

    /// The entries of a vector that become one channel go together.
    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        guard inputs[0].count != output[0] else { return flow.keep(inputs[0]) }
        return flow.join(
            (0..<count).map { position in (0..<output[0]).map { inputs[0][$0 * count + position] } })
    }
}
