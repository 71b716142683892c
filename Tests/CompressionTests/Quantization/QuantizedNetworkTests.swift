import Compression
import Foundation
import Interchange
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct QuantizedNetworkTests {
    /// The road network with 7 and 13 filters: 21 + 273 + 416 + 64 weights, 7 + 13 + 32 + 2 biases, 2 normalization
    /// constants, 4 weight tensors and 6 activation tensors (input, two convolutions, pooling, two dense layers).
    @Test(arguments: [
        (QuantizationScheme(scaling: .powerOfTwo, granularity: .tensor), 774 + 4 * 54 + 8 + 4 + 6),
        (QuantizationScheme(scaling: .powerOfTwo, granularity: .channel), 774 + 4 * 54 + 8 + 54 + 6),
        (QuantizationScheme(scaling: .affine, granularity: .tensor), 774 + 4 * 54 + 8 + 4 * 4 + 5 * 6),
        (QuantizationScheme(scaling: .affine, granularity: .channel), 774 + 4 * 54 + 8 + 4 * 54 + 5 * 6),
    ]) func `the pruned road network needs the bytes that are counted by hand`(
        scheme: QuantizationScheme, bytes: Int
    ) throws {
        let quantized = try Self.road(filters: [7, 13], scheme: scheme)
        #expect(quantized.memoryBytes == bytes)
        #expect(quantized.memoryBytes == quantized.tensors.values.map(\.byteCount).reduce(0, +))
        #expect(quantized.memoryBytes(of: "input") == 8 + (scheme.scaling == .affine ? 5 : 1))
        #expect(quantized.memoryBytes(of: "relu_1") == 0)
        #expect(quantized.memoryBytes(of: "softmax") == 0)
    }

    @Test func `a projected road network of at most 383 parameters needs at most 512 bytes with powers of two`() throws
    {
        func convolution(_ name: String, _ filters: Int, _ size: Int, bias: Bool, after: String) -> Network.Node {
            let layer = Convolution1D(filters: filters, filterSize: size, padding: .same, hasBias: bias)
            return Network.Node(name, layer, inputs: [after])
        }
        let network = try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 20, normalization: .zscore), inputs: []),
                convolution("conv1", 7, 3, bias: true, after: "input"),
                Network.Node("bn1", BatchNormalization(), inputs: ["conv1"]),
                Network.Node("relu1", ReLU(), inputs: ["bn1"]),
                convolution("conv2_in", 3, 1, bias: false, after: "relu1"),
                convolution("conv2_core", 5, 3, bias: false, after: "conv2_in"),
                convolution("conv2_out", 13, 1, bias: true, after: "conv2_core"),
                Network.Node("bn2", BatchNormalization(), inputs: ["conv2_out"]),
                Network.Node("relu2", ReLU(), inputs: ["bn2"]),
                Network.Node("pool", GlobalAveragePooling(), inputs: ["relu2"]),
                Network.Node("fc_1_in", Dense(outputs: 1, hasBias: false), inputs: ["pool"]),
                Network.Node("fc_1_out", Dense(outputs: 32), inputs: ["fc_1_in"]),
                Network.Node("relu3", ReLU(), inputs: ["fc_1_out"]),
                Network.Node("fc_2_in", Dense(outputs: 1, hasBias: false), inputs: ["relu3"]),
                Network.Node("fc_2_out", Dense(outputs: 2), inputs: ["fc_2_in"]),
                Network.Node("softmax", Softmax(), inputs: ["fc_2_out"]),
            ]), seed: 1)
        #expect(network.counts.totalParameters == 365)
        let scenario = try QuantizationScenario(
            Quantizer.prepare(network, steps: QuantizationOptions.Preparation.allCases),
            examples: [(0..<20).map { Float($0) / 10 - 1 }],
            scheme: QuantizationScheme(scaling: .powerOfTwo, granularity: .tensor))
        // 231 weights, 54 int32 biases, 8 weight and 10 activation exponents, 2 float constants.
        #expect(scenario.quantized.memoryBytes == 231 + 4 * 54 + 8 + 10 + 8)
    }

    @Test(arguments: [QuantizationScheme.Scaling.powerOfTwo, .affine])
    func `a file holds exactly the counted bytes and reads back the same`(scaling: QuantizationScheme.Scaling) throws {
        for seed in UInt64(0)..<20 {
            let scenario = try QuantizationScenario(
                seed: seed, scheme: QuantizationScheme(scaling: scaling), softmax: true)
            let data = QuantizedNetworkFile.encode(scenario.quantized)
            #expect(data == QuantizedNetworkFile.encode(scenario.quantized))
            #expect(try QuantizedNetworkFile.decode(data) == scenario.quantized)
            let file = try SafetensorsFile(decoding: data)
            #expect(file.tensors.values.map(\.byteCount).reduce(0, +) == scenario.quantized.memoryBytes)
            #expect(file.metadata["pare.form"] == "int8")
        }
    }

    @Test func `a damaged file is refused`() throws {
        let quantized = try Self.road(filters: [2, 2], scheme: QuantizationScheme())
        let data = QuantizedNetworkFile.encode(quantized)
        for count in stride(from: 0, to: data.count, by: 37) {
            #expect(throws: InterchangeError.self) { try QuantizedNetworkFile.decode(data.prefix(count)) }
        }
        let file = try SafetensorsFile(decoding: data)
        func error(_ change: (inout SafetensorsFile) -> Void) -> String {
            var copy = file
            change(&copy)
            do {
                _ = try QuantizedNetworkFile.decode(copy.encoded)
                return "none"
            } catch { return "\(error)" }
        }
        #expect(error { $0.tensors["fc_1.bias"] = nil } == "the tensor 'fc_1.bias' is missing")
        #expect(error { $0.tensors["fc_9.bias"] = Tensor([1]) } == "no layer has a tensor 'fc_9.bias'")
        #expect(
            error { $0.tensors["fc_1.bias"] = Tensor([1]) }
                == "the tensor 'fc_1.bias' is F32 1; expected I32 32")
        #expect(
            error { $0.tensors["pool.activation.scale"] = Tensor([-1]) }
                == "the tensor 'pool.activation.scale' holds -1.0; expected a number above zero")
        #expect(
            error { $0.metadata["pare.form"] = "float32" }
                == "the file holds a network of the form 'float32'; expected 'int8'")
        #expect(error { $0.metadata["pare.form"] = nil } == "the file holds no network of ours; expected 'int8'")
        #expect(
            error { $0.metadata["pare.quantization"] = "{}" }
                == "'pare.quantization' in the metadata does not name a scaling and a granularity")
        #expect(throws: InterchangeError.self) { try NetworkFile.decode(data) }
    }

    /// No kind of ours is without one; a kind of somebody else may be.
    private struct Mystery: Layer {
        static let kind = "mystery"
        init() {}
        init(reading attributes: inout AttributeReader) throws(NetworkError) {}
        func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape { inputs[0] }
        func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation {
            throw NetworkError(.notComputable, "nobody knows")
        }
    }

    @Test func `a layer without an integer form is refused by name, unless it is kept in float32`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 4), inputs: []),
            Network.Node("riddle", Mystery(), inputs: ["input"]),
        ])
        let message = "a layer of kind 'mystery' has no integer form; keep it in float32"
        #expect(throws: CompressionError(.unsupportedLayer, layer: "riddle", message)) {
            try ScaleSharing(of: network)
        }
        #expect(try ScaleSharing(of: network, keepFloat: ["riddle"]).calibrated["riddle"] == "riddle")
        let input = "an input computes nothing that could be kept in float32; keep another layer"
        #expect(throws: CompressionError(.unsupportedLayer, layer: "input", input)) {
            try ScaleSharing(of: network, keepFloat: ["input", "riddle"])
        }
    }

    @Test func `a network with two inputs is refused, and so is a name of no layer`() throws {
        let network = try Network(nodes: [
            Network.Node("left", SequenceInput(channels: 1, steps: 4), inputs: []),
            Network.Node("right", SequenceInput(channels: 1, steps: 4), inputs: []),
            Network.Node("sum", Add(), inputs: ["left", "right"]),
        ])
        #expect(
            throws: CompressionError(
                .unsupportedLayer, "the network has 2 inputs; an integer network has one")
        ) { try ScaleSharing(of: network) }
        #expect(
            throws: CompressionError(.unmatchedPattern, "no layer has the name 'total' to keep it in float32")
        ) { try ScaleSharing(of: network, keepFloat: ["sum", "total"]) }
    }

    @Test func `only a ReLU that reads alone is done in the layer before it`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 4), inputs: []),
            Network.Node("conv1", Convolution1D(filters: 1, filterSize: 1), inputs: ["input"]),
            Network.Node("relu1", ReLU(), inputs: ["conv1"]),
            Network.Node("conv2", Convolution1D(filters: 1, filterSize: 1), inputs: ["relu1"]),
            Network.Node("relu2", ReLU(), inputs: ["conv2"]),
            Network.Node("sum", Add(), inputs: ["conv2", "relu2"]),
            Network.Node("pool", MaxPooling1D(size: 2), inputs: ["sum"]),
            Network.Node("relu3", ReLU(), inputs: ["pool"]),
        ])
        let sharing = try ScaleSharing(of: network)
        #expect(
            sharing.calibrated
                == ["input": "input", "conv1": "relu1", "conv2": "conv2", "sum": "sum"])
        #expect(sharing.owners["relu2"] == "conv2")
        #expect(sharing.owners["relu3"] == "sum")
        #expect(sharing.clampsAtZero("conv1") && !sharing.clampsAtZero("conv2"))
    }

    private static func road(filters: [Int], scheme: QuantizationScheme) throws -> QuantizedNetwork {
        let network = try RandomNetworks.randomized(ExampleNetworks.road(filters: filters, steps: 12), seed: 3)
        return try QuantizationScenario(
            Quantizer.prepare(network, steps: [.fold]),
            examples: [(0..<12).map { Float($0) / 6 - 1 }], scheme: scheme
        ).quantized
    }
}
