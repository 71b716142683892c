package import Tensors

/// A fully connected layer: `[inputs]` to `[outputs]`, `y = weights x + bias`; `weights` is `[outputs, inputs]`.
package struct Dense: Layer {
    package static let kind = "dense"

    package var outputs: Int
    package var hasBias: Bool

    package init(outputs: Int, hasBias: Bool = true) {
        self.outputs = outputs
        self.hasBias = hasBias
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        outputs = try attributes.integer("outputs")
        hasBias = try attributes.boolean("bias", default: true)
    }

    package var attributes: [String: Attribute] { ["outputs": .integer(outputs), "bias": .boolean(hasBias)] }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        _ = try inputs[0].required(rank: 1, "[inputs]; put a flatten or a global pooling before it")
        return [outputs]
    }

    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        let weights = ParameterSpecification(
            "weights", [outputs, inputs[0][0]], role: .learnable,
            initializer: .glorot(fanIn: inputs[0][0], fanOut: outputs), axes: [.outputChannels, .inputChannels])
        return hasBias ? [weights, .bias(outputs)] : [weights]
    }

    package func macs(inputs: [Shape], output: Shape) -> Int { outputs * inputs[0][0] }
}

// MARK: - Channels

extension Dense {
    package var filterKind: FilterKind? { .dense }

    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        flow.make(outputs)
    }

    package func keeping(inputs: [[Int]], outputs: [Int]) -> Self {
        var copy = self
        copy.outputs = outputs.count
        return copy
    }
}
