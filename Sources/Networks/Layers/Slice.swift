package import Tensors

/// A part of the input along one axis: `length` elements from `start` on.
package struct Slice: Layer {
    package static let kind = "slice"

    package var axis: Axis
    package var start: Int
    package var length: Int

    package init(axis: Axis = .channels, start: Int = 0, length: Int) {
        self.axis = axis
        self.start = start
        self.length = length
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        axis = try attributes.choice("axis", default: .channels)
        start = try attributes.integer("start", in: 0...AttributeReader.largest, default: 0)
        length = try attributes.integer("length")
    }

    package var attributes: [String: Attribute] {
        ["axis": .text(axis.rawValue), "start": .integer(start), "length": .integer(length)]
    }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let index = try axis.index(in: inputs[0])
        guard start + length <= inputs[0][index] else {
            throw NetworkError(
                .shapeMismatch,
                "a slice of \(length) \(axis.rawValue) from \(start) on does not fit the input \(inputs[0])")
        }
        var dimensions = inputs[0].dimensions
        dimensions[index] = length
        return Shape(dimensions)
    }

    package func steps(of inputs: [Int], shapes: [Shape], output: Shape) throws(NetworkError) -> Int? {
        axis == .steps ? max(0, min(inputs[0] - start, length)) : inputs[0]
    }
}

// MARK: - Channels

extension Slice {
    /// A slice of channels makes channels that go together with those it reads, so that pruning leaves some to it.
    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        guard axis == .channels else { return flow.keep(inputs[0]) }
        let own = flow.make(length)
        return flow.join([own, Array(inputs[0][start..<start + length])])
    }

    package func keeping(inputs: [[Int]], outputs: [Int]) -> Self {
        guard axis == .channels else { return self }
        var copy = self
        copy.start = inputs[0].count { $0 < start }
        copy.length = outputs.count
        return copy
    }
}
