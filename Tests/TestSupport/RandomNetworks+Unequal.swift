package import Networks
internal import Tensors

extension RandomNetworks {
    /// A network of ``length`` steps at most that can follow sequences of unequal length, with all its parameters:
    /// convolutions, poolings, normalizations, sums and recurrent layers, then global poolings, the last step of a
    /// recurrent layer, and a dense layer.
    ///
    /// No padding is `same` with a stride above one, so that a sequence means the same alone and among longer ones.
    ///
    /// - Parameter length: The steps that the input layer reads.
    package static func unequalSequenceClassifier(seed: UInt64, length: Int) throws -> Network {
        var random = RandomStream(seed: seed, name: "unequal")
        let normalization = InputNormalization.allCases[random.below(InputNormalization.allCases.count)]
        var nodes = [
            Network.Node(
                "input", SequenceInput(channels: 1 + random.below(3), steps: length, normalization: normalization),
                inputs: [])
        ]
        var last = "input"
        // A layer that does not fit is left out.
        func append(_ layer: any Layer, _ inputs: [String]? = nil) {
            let node = Network.Node("node\(nodes.count)", layer, inputs: inputs ?? [last])
            guard (try? Network(nodes: nodes + [node])) != nil else { return }
            nodes.append(node)
            last = node.name
        }
        let paddings: [Padding] = [.same, .causal, .explicit([1, 0]), .explicit([0, 1]), .none1D]
        for _ in 0..<2 + random.below(3) {
            let stride = 1 + random.below(2)
            append(
                Convolution1D(
                    filters: 1 + random.below(4), filterSize: 2 + random.below(2), stride: stride,
                    dilation: 1 + random.below(2),
                    padding: paddings[stride == 1 ? random.below(5) : 1 + random.below(4)],
                    hasBias: random.below(2) == 0))
            if random.below(3) > 0 { append(BatchNormalization()) }
            let before = last
            switch random.below(10) {
            case 0: append(MaxPooling1D(size: 2, stride: 1, padding: paddings[random.below(5)]))
            case 1: append(AveragePooling1D(size: 2, stride: 1, padding: paddings[random.below(5)]))
            case 2:
                append(BatchNormalization())
                append(Add(), [before, last])
            case 3: append(Concatenate(), [last, last])
            case 4: append(Dropout(probability: 0.25))
            case 5: append(LSTM(units: 3))
            case 6: append(BiGRU(units: 2, projectors: RecurrentProjectors(input: 1, output: 1)))
            case 7: append(LayerNormalization())
            case 8: append(GroupNormalization(groups: 1))
            default: append(ReLU())
            }
        }
        let body = last
        append(GlobalMaxPooling())
        append(GlobalAveragePooling(), [body])
        append(BiLSTM(units: 2, outputMode: .last), [body])
        append(Concatenate(), nodes.suffix(3).map(\.name))
        append(Dense(outputs: 3))
        return try randomized(try Network(nodes: nodes), seed: seed)
    }
}
