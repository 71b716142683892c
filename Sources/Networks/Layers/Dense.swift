package import Tensors

/// A fully connected layer: `[inputs]` to `[outputs]`, `y = weights x + bias`; `weights` is `[outputs, inputs]`.
package struct Dense: Layer {
    package static let kind = "dense"

    package var outputs: Int
    package var hasBias: Bool
    package var weightsInitializer: InitializerName
    package var biasInitializer: InitializerName

    package init(
        outputs: Int, hasBias: Bool = true, weightsInitializer: InitializerName = .glorot,
        biasInitializer: InitializerName = .zeros
    ) {
        self.outputs = outputs
        self.hasBias = hasBias
        self.weightsInitializer = weightsInitializer
        self.biasInitializer = biasInitializer
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        outputs = try attributes.integer("outputs")
        hasBias = try attributes.boolean("bias", default: true)
        weightsInitializer = try attributes.initializer("weightsInitializer", default: .glorot)
        biasInitializer = try attributes.initializer("biasInitializer", default: .zeros, of: InitializerName.biases)
    }

    package var attributes: [String: Attribute] {
        InitializerName.attributes(weights: weightsInitializer, bias: biasInitializer)
            .merging(["outputs": .integer(outputs), "bias": .boolean(hasBias)]) { $1 }
    }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        _ = try inputs[0].required(rank: 1, "[inputs]; put a flatten or a global pooling before it")
        return [outputs]
    }

    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        let weights = ParameterSpecification(
            "weights", [outputs, inputs[0][0]], role: .learnable,
            initializer: weightsInitializer.initializer(fanIn: inputs[0][0], fanOut: outputs),
            axes: [.outputChannels, .inputChannels])
        return hasBias ? [weights, .bias(outputs, biasInitializer.ofBias)] : [weights]
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
