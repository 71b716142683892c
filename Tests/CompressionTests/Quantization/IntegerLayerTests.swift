import Compression
import Datasets
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Training

/// What int8 makes of each layer kind, beside the float network.
@Suite struct IntegerLayerTests {
    private static let pool = WorkerPool(threads: 2)

    /// Layers with the shape they read, every kind at least once.
    private static let layers: [(any Layer, Shape)] = [
        (Convolution1D(filters: 5, filterSize: 3, stride: 2, padding: .same), [4, 12]),
        (Convolution2D(filters: 6, filterSize: [3, 3], padding: .same, groups: 2), [4, 6, 8]),
        (TransposedConvolution1D(filters: 3, filterSize: 3, stride: 2), [4, 12]),
        (TransposedConvolution2D(filters: 4, filterSize: [2, 3], stride: [2, 2], groups: 2), [4, 6, 8]),
        (Dense(outputs: 7), [48]),
        (LSTM(units: 6), [4, 12]), (LSTM(units: 6, outputMode: .last, initialState: .given), [4, 12]),
        (LSTM(units: 6, projectors: RecurrentProjectors(input: 2, output: 3)), [4, 12]),
        (BiLSTM(units: 3), [4, 12]), (GRU(units: 6), [4, 12]),
        (GRU(units: 6, initialState: .given, resetGate: .before), [4, 12]),
        (BiGRU(units: 3, outputMode: .last, projectors: RecurrentProjectors(output: 2)), [4, 12]),
        (BatchNormalization(), [4, 12]), (LayerNormalization(), [4, 12]),
        (LayerNormalization(over: .channels), [9, 12]), (GroupNormalization(groups: 2), [4, 6, 8]),
        (ReLU(), [4, 12]), (LeakyReLU(slope: 0.1), [4, 12]), (ClippedReLU(ceiling: 1), [4, 12]), (PReLU(), [4, 12]),
        (ELU(), [4, 12]), (GELU(), [4, 12]), (Swish(), [4, 12]), (Tanh(), [4, 12]), (Sigmoid(), [4, 12]),
        (HardSigmoid(), [4, 12]), (HardSwish(), [4, 12]), (HardTanh(), [4, 12]), (Softmax(), [4, 6, 8]),
        (Dropout(probability: 0.5), [4, 12]), (MaxPooling1D(size: 2), [4, 12]),
        (MaxPooling2D(size: [2, 3], padding: .same), [4, 6, 8]), (AveragePooling1D(size: 3), [4, 12]),
        (AveragePooling2D(size: [2, 2]), [4, 6, 8]), (GlobalAveragePooling(), [4, 6, 8]),
        (GlobalMaxPooling(), [4, 12]), (Slice(axis: .width, start: 2, length: 3), [4, 6, 8]),
        (Pad(amounts: [1, 0, 2, 1], channels: [1, 2]), [4, 6, 8]), (Reshape(positions: [8, 6]), [4, 6, 8]),
        (Flatten(), [4, 6, 8]),
    ]

    /// An input, a layer, and what joins it with its input if it reads several.
    private static func network(_ layer: any Layer, reading shape: Shape, also inputs: [String] = []) throws -> Network
    {
        var nodes: [Network.Node]
        switch shape.rank {
        case 3:
            nodes = [
                Network.Node(
                    "input",
                    ImageInput(height: shape[1], width: shape[2], channels: shape[0], normalization: .rescaleSymmetric),
                    inputs: [])
            ]
        case 2:
            nodes = [
                Network.Node(
                    "input", SequenceInput(channels: shape[0], steps: shape[1], normalization: .zscore), inputs: [])
            ]
        default:
            nodes = [
                Network.Node(
                    "input", SequenceInput(channels: 1, steps: shape[0], normalization: .zerocenter), inputs: []),
                Network.Node("flat", Flatten(), inputs: ["input"]),
            ]
        }
        if !inputs.isEmpty { nodes.append(Network.Node("tanh", Tanh(), inputs: ["input"])) }
        if inputs.contains("pool") { nodes.append(Network.Node("pool", GlobalAveragePooling(), inputs: ["input"])) }
        let sources = inputs.isEmpty ? [nodes[nodes.count - 1].name] : inputs
        nodes.append(Network.Node("layer", layer, inputs: sources))
        return try RandomNetworks.randomized(try Network(nodes: nodes), seed: 5)
    }

    private static let networks: [(network: Network, name: String)] = {
        var all: [(Network, String)] = []
        for (layer, shape) in layers {
            guard let network = try? network(layer, reading: shape) else { continue }
            all.append((network, "\(layer)"))
        }
        let joining: [(any Layer, [String])] = [
            (Add(), ["input", "tanh"]), (Add(), ["input", "pool"]), (Subtract(), ["tanh", "input"]),
            (Multiply(), ["input", "pool"]), (Multiply(), ["input", "tanh", "input"]),
            (Concatenate(), ["input", "tanh"]), (Concatenate(axis: .width), ["input", "tanh"]),
        ]
        for (layer, inputs) in joining {
            guard let network = try? network(layer, reading: [4, 6, 8], also: inputs) else { continue }
            all.append((network, "\(layer) of \(inputs)"))
        }
        return all
    }()

    private static func data(for network: Network, count: Int = 80) -> Dataset {
        var random = RandomStream(seed: 3, name: "data")
        let shape = network.shapes[0]
        return Dataset(
            name: "noise", channels: (0..<shape[0]).map { "c\($0)" }, shape: shape,
            targets: .classes(names: ["a"], labels: Array(repeating: 0, count: count)),
            examples: (0..<count * shape.count).map { _ in 4 * random.uniform() - 2 })
    }

    @Test func `the networks here have every layer kind`() {
        let kinds = Set(Self.networks.flatMap { $0.network.nodes.map(\.layer.kind) })
        #expect(Self.networks.count == Self.layers.count + 7)
        #expect(LayerKinds.all.map { $0.kind }.filter { !kinds.contains($0) } == [])
    }

    /// 256 steps of uniform noise have some 48 dB; a layer rounds its input, its weights and its output.
    @Test(arguments: [QuantizationScheme.Scaling.affine, .powerOfTwo])
    func `every layer kind computes nearly what it computes in float`(scaling: QuantizationScheme.Scaling) throws {
        for (network, name) in Self.networks {
            let data = Self.data(for: network)
            let result = try Quantizer.quantize(
                network, calibration: data,
                options: QuantizationOptions(prepare: [], scheme: QuantizationScheme(scaling: scaling)),
                pool: Self.pool)
            let noise = result.layers.last?.signalToNoise ?? 99
            #expect(noise > (scaling == .affine ? 30 : 25), "\(name): \(noise) dB")
            // What is stored is enough.
            let read = try QuantizedNetworkFile.decode(QuantizedNetworkFile.encode(result.network))
            #expect(read == result.network, "\(name)")
            let integer = try IntegerNetwork(read)
            #expect(
                try integer.scores(of: data, pool: Self.pool)
                    == IntegerNetwork(result.network).scores(of: data, pool: WorkerPool(threads: 1)), "\(name)")
        }
    }

    @Test func `a layer that is kept in float32 keeps its parameters and rounds its output alone`() throws {
        for (network, name) in Self.networks where network.nodes.last?.layer is Dropout == false {
            let data = Self.data(for: network, count: 30)
            let result = try Quantizer.quantize(
                network, calibration: data, options: QuantizationOptions(prepare: [], keepFloat: ["layer"]),
                pool: Self.pool)
            let read = try QuantizedNetworkFile.decode(QuantizedNetworkFile.encode(result.network))
            #expect(read == result.network && read.isFloat("layer") && !read.isFloat("input"), "\(name)")
            for (parameter, value) in network.parameters where parameter.hasPrefix("layer.") {
                #expect(read.tensors[parameter] == value, "\(name), \(parameter)")
            }
            #expect(read.scales(of: "layer.weights").isEmpty)
            let integer = try IntegerNetwork(read)
            let structure = read.structure
            let node = structure.nodes[structure.nodes.count - 1]
            for example in 0..<3 {
                let all = integer.activations(of: integer.quantizedInput(try data.example(example)[...]))
                let alone = try Network(
                    nodes: structure.nodes.dropLast() + [node], parameters: network.parameters)
                let inputs = node.inputs.map { input -> ReferenceValues in
                    let quantization = read.activation(of: input)
                    return ReferenceValues(
                        shape: structure.shape(of: input) ?? [], examples: 1,
                        elements: all[structure.index(of: input) ?? 0].map(quantization.realValue))
                }
                var parameters = alone.specifications(of: node).map { specification in
                    (network.parameters[specification.name]?.floats ?? []).map { Double($0) }
                }
                let real = try ReferenceKernels.forward(
                    node.layer, name: "layer", inputs: inputs, parameters: &parameters, mode: .inference)
                let output = read.activation(of: "layer")
                for (integer, value) in zip(all[all.count - 1], real.elements) {
                    // Float arithmetic may fall on the other side of a half.
                    #expect(abs(Int(integer) - Int(output.quantize(value))) <= 1, "\(name)")
                }
            }
            let one = try integer.scores(of: data, pool: WorkerPool(threads: 1))
            #expect(try integer.scores(of: data, pool: WorkerPool(threads: 3)) == one, "\(name)")
        }
    }

    @Test(arguments: [QuantizationScheme.Scaling.affine, .powerOfTwo])
    func `random graphs run in integers, as the reference computes them`(scaling: QuantizationScheme.Scaling) throws {
        var (compared, kinds, noise) = (0, Set<String>(), [Double]())
        for seed in UInt64(0)..<150 {
            let network = try RandomNetworks.sequenceClassifier(seed: seed, variety: .all)
            let data = Self.data(for: network, count: 12)
            let granularity: QuantizationScheme.Granularity = seed % 2 == 0 ? .channel : .tensor
            let result = try Quantizer.quantize(
                network, calibration: data,
                options: QuantizationOptions(scheme: QuantizationScheme(scaling: scaling, granularity: granularity)),
                pool: Self.pool)
            let (quantized, structure) = (result.network, result.network.structure)
            #expect(try QuantizedNetworkFile.decode(QuantizedNetworkFile.encode(quantized)) == quantized)
            let integer = try IntegerNetwork(quantized)
            let all = integer.activations(of: integer.quantizedInput(try data.example(0)[...]))
            for (index, node) in structure.nodes.enumerated() where !node.inputs.isEmpty {
                let reference = IntegerReference(place: quantized.place(of: node, in: structure))
                let inputs = node.inputs.map { all[structure.index(of: $0) ?? 0] }
                guard let expected = reference.output(inputs) else { continue }
                #expect(all[index] == expected, "seed \(seed), \(node.name)")
                compared += 1
            }
            kinds.formUnion(structure.nodes.map(\.layer.kind))
            if let last = result.layers.last?.signalToNoise { noise.append(last) }
        }
        #expect(compared > 300 && kinds.count > 25, "\(compared) layers of \(kinds.sorted())")
        let median = noise.sorted()[noise.count / 2]
        #expect(median > (scaling == .affine ? 27 : 20), "\(median) dB in the median")
    }
}
