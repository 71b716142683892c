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

    /// The same noise, of an amplitude between 0.2 and 2 that is to be told.
    static func amplitudes(_ count: Int, seed: UInt64) -> Dataset {
        var random = RandomStream(seed: seed, name: "amplitudes")
        var (examples, amplitudes) = ([Float](), [Float]())
        for _ in 0..<count {
            amplitudes.append(0.2 + 1.8 * random.uniform())
            for index in 0..<16 { examples.append((amplitudes.last ?? 0) * (index % 3 == 0 ? 1 : -1)) }
        }
        return Dataset(
            name: "amplitudes", channels: ["x", "y"], shape: [2, 8],
            targets: .values(names: ["amplitude"], values: amplitudes), examples: examples)
    }

    /// A network with one plain output.
    static func regression() throws -> Network {
        try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 8), inputs: []),
            Network.Node("conv", Convolution1D(filters: 4, filterSize: 3, padding: .same), inputs: ["input"]),
            Network.Node("relu", ReLU(), inputs: ["conv"]),
            Network.Node("pool", GlobalAveragePooling(), inputs: ["relu"]),
            Network.Node("fc", Dense(outputs: 1), inputs: ["pool"]),
        ]).initialized(seed: 3, stream: "toy")
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
