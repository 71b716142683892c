import Datasets
import Networks
import Tensors

/// A small problem that a small network solves: noise of two amplitudes in two channels.
enum ToyProblem {
    static func data(_ count: Int, seed: UInt64, name: String = "toy") -> Dataset {
        var random = RandomStream(seed: seed, name: name)
        var (examples, labels) = ([Float](), [Int]())
        for row in 0..<count {
            labels.append(row % 2)
            let amplitude: Float = row % 2 == 0 ? 0.5 : 2
            for _ in 0..<16 { examples.append(amplitude * (2 * random.uniform() - 1)) }
        }
        return Dataset(
            name: name, channels: ["x", "y"], steps: 8, classes: ["calm", "rough"], labels: labels, examples: examples)
    }

    /// Convolution, batch normalization, dropout and a dense layer, with everything that training has to keep.
    static func network(seed: UInt64 = 1, channels: Int = 2, classes: Int = 2) throws -> Network {
        let input = SequenceInput(channels: channels, steps: 8, normalization: .zscore)
        var network = try Network(nodes: [
            Network.Node("input", input, inputs: []),
            Network.Node("conv", Convolution1D(filters: 4, filterSize: 3, padding: .same), inputs: ["input"]),
            Network.Node("bn", BatchNormalization(), inputs: ["conv"]),
            Network.Node("relu", ReLU(), inputs: ["bn"]),
            Network.Node("pool", GlobalAveragePooling(), inputs: ["relu"]),
            Network.Node("dropout", Dropout(probability: 0.1), inputs: ["pool"]),
            Network.Node("fc", Dense(outputs: classes), inputs: ["dropout"]),
            Network.Node("softmax", Softmax(), inputs: ["fc"]),
        ])
        let initialized = network.initialized(seed: seed, stream: "toy")
        // The constants of the input are left for training to take from the data.
        try network.setParameters(initialized.parameters.filter { !$0.key.hasPrefix("input.") })
        return network
    }
}
