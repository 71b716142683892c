package import Tensors

/// The input with zeros around it: `amounts` before and after each axis of positions, `channels` before and after the
/// channels.
package struct Pad: Layer {
    package static let kind = "pad"

    /// `[before, after]` of a sequence, `[top, bottom, left, right]` of an image, empty for none.
    package var amounts: [Int]
    /// `[before, after]`.
    ///
    /// The shortcut without parameters of a residual network has them (He et al. 2016, option A).
    package var channels: [Int]

    package init(amounts: [Int] = [], channels: [Int] = [0, 0]) {
        self.amounts = amounts
        self.channels = channels
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        let limit = AttributeReader.largest
        switch attributes.attribute("amounts") {
        case nil: amounts = []
        case .integers(let values) where [0, 2, 4].contains(values.count) && values.allSatisfy((0...limit).contains):
            amounts = values
        case let other?:
            throw AttributeReader.invalid(
                "amounts", other, "2 integers for a sequence or 4 for an image, each from 0 to \(limit)")
        }
        channels = try attributes.integers("channels", count: 2, in: 0...limit, default: [0, 0])
    }

    package var attributes: [String: Attribute] { ["amounts": .integers(amounts), "channels": .integers(channels)] }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].requiredChannels()
        guard amounts.isEmpty || amounts.count == 2 * (input.rank - 1) else {
            throw NetworkError(
                .shapeMismatch,
                "\(amounts.count) amounts do not fit the input \(input); expected two for each axis of positions")
        }
        return Shape(
            input.dimensions.enumerated().map { axis, extent in
                let (before, after) = self.amounts(axis: axis)
                return extent + before + after
            })
    }

    package func steps(of inputs: [Int], shapes: [Shape], output: Shape) throws(NetworkError) -> Int? {
        let (before, after) = amounts(axis: 1)
        return before + inputs[0] + after
    }

    /// Zeros before and after an axis of the input, channels first.
    package func amounts(axis: Int) -> (before: Int, after: Int) {
        if axis == 0 { return (channels[0], channels[1]) }
        return amounts.isEmpty ? (0, 0) : (amounts[2 * axis - 2], amounts[2 * axis - 1])
    }
}

// MARK: - Channels

extension Pad {
    /// Padding of channels makes channels, of which those that it reads go together with the input's.
    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        guard channels != [0, 0] else { return flow.keep(inputs[0]) }
        let own = flow.make(output[0])
        _ = flow.join([Array(own[channels[0]..<output[0] - channels[1]]), inputs[0]])
        return own
    }

    package func keeping(inputs: [[Int]], outputs: [Int]) -> Self {
        guard channels != [0, 0] else { return self }
        var copy = self
        let before = outputs.count { $0 < channels[0] }
        copy.channels = [before, outputs.count - before - inputs[0].count]
        return copy
    }
}
