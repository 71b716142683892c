import Compression
import Networks
import Tensors
import TestSupport
import Testing

/// What compression makes of grouped, depthwise and transposed convolutions.
@Suite struct ConvolutionFacetTests {
    static let layers: [any ConvolutionLayer] = [
        Convolution1D(filters: 4, filterSize: 3, padding: .same, groups: 4, hasBias: false),
        Convolution1D(filters: 8, filterSize: 2, stride: 2, groups: 4, hasBias: false),
        Convolution1D(filters: 6, filterSize: 3, dilation: 2, padding: .causal, groups: 2, hasBias: false),
        TransposedConvolution1D(filters: 3, filterSize: 3, stride: 2),
        TransposedConvolution1D(filters: 4, filterSize: 3, stride: 2, cropping: .same, groups: 2, hasBias: false),
        TransposedConvolution1D(filters: 4, filterSize: 2, groups: 4, hasBias: false),
    ]

    /// `input`, `conv` of four filters, `layer`, perhaps `norm`, `relu`, `pool`, `fc`.
    private func network(_ layer: any Layer, normalized: Bool = false, seed: UInt64 = 5) throws -> Network {
        var nodes = [
            Network.Node("input", SequenceInput(channels: 2, steps: 6), inputs: []),
            Network.Node("conv", Convolution1D(filters: 4, filterSize: 1), inputs: ["input"]),
            Network.Node("layer", layer, inputs: ["conv"]),
        ]
        if normalized { nodes.append(Network.Node("norm", BatchNormalization(), inputs: ["layer"])) }
        nodes += [
            Network.Node("relu", ReLU(), inputs: [nodes[nodes.count - 1].name]),
            Network.Node("pool", GlobalAveragePooling(), inputs: ["relu"]),
            Network.Node("fc", Dense(outputs: 2), inputs: ["pool"]),
        ]
        return try RandomNetworks.randomized(try Network(nodes: nodes), seed: seed)
    }

    @Test(arguments: layers)
    func `removing filters that are zero changes no output`(layer: any ConvolutionLayer) throws {
        let network = try network(layer)
        let prunable = try PrunableNetwork(network, scope: PruningScope())
        #expect(prunable.groups.isEmpty == false)
        for group in prunable.groups {
            var masked = network
            for filter in group.filters {
                for name in ["\(filter.layer).weights", "\(filter.layer).bias"] {
                    guard let tensor = masked.parameters[name] else { continue }
                    let size = tensor.shape.count / tensor.shape[0]
                    var elements = tensor.floats
                    for index in filter.index * size..<(filter.index + 1) * size { elements[index] = 0 }
                    try masked.setParameters([name: Tensor(elements, shape: tensor.shape)])
                }
            }
            let smaller = prunable.removing([group]).network
            #expect(smaller.counts.learnables < network.counts.learnables)
            let raw = examples(3, for: network, seed: 7)
            #expect(largestDifference(try run(masked, on: raw), try run(smaller, on: raw)) < 1e-5)
        }
    }

    @Test func `filters of a convolution can be removed, those of a depthwise one only with their channels`() throws {
        func layers(_ layer: any Layer) throws -> Set<String> {
            Set(
                try PrunableNetwork(network(layer), scope: PruningScope()).groups.flatMap { $0.filters.map(\.layer) })
        }
        for layer in Self.layers {
            #expect(try layers(layer) == (layer.groups == 4 ? ["conv"] : ["conv", "layer"]))
        }
    }

    @Test(arguments: layers)
    func `batch normalization folds into the convolution before it`(layer: any ConvolutionLayer) throws {
        let network = try network(layer, normalized: true)
        let folded = network.foldingBatchNormalization()
        #expect(folded.node("norm") == nil && folded.parameters["layer.bias"] != nil)
        let raw = examples(3, for: network, seed: 7)
        #expect(largestDifference(try run(network, on: raw), try run(folded, on: raw)) < 1e-5)
    }

    @Test(
        arguments: [
            (Convolution1D(filters: 4, filterSize: 2, groups: 2), true),
            (Convolution1D(filters: 4, filterSize: 2, padding: .same, groups: 2), false),
            (TransposedConvolution1D(filters: 4, filterSize: 2), false),
        ] as [(any Layer, Bool)])
    func `batch normalization folds into groups after it, not across a border`(layer: any Layer, folds: Bool) throws {
        let network = try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 4, steps: 6), inputs: []),
                Network.Node("norm", BatchNormalization(), inputs: ["input"]),
                Network.Node("layer", layer, inputs: ["norm"]),
            ]), seed: 1)
        let folded = network.foldingBatchNormalization()
        #expect((folded.node("norm") == nil) == folds)
        let raw = examples(3, for: network, seed: 7)
        #expect(largestDifference(try run(network, on: raw), try run(folded, on: raw)) < 1e-5)
    }

    @Test func `grouped convolutions are refused for projection`() throws {
        let one = try network(Convolution1D(filters: 4, filterSize: 3, groups: 2))
        #expect(one.projectableLayers == ["conv", "fc"])
        let message =
            "'layer' matches no layer that can be projected (of convolution1d, convolution2d, dense, lstm, bilstm, gru, bigru, "
            + "without groups); "
            + "there are: conv, fc"
        #expect(throws: CompressionError(.unmatchedPattern, message)) {
            try one.projectableLayers(matching: ["layer"])
        }
        let none = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 6), inputs: []),
            Network.Node("layer", Convolution1D(filters: 2, filterSize: 3, groups: 2), inputs: ["input"]),
        ])
        let reason =
            "the network has no layer that can be projected (of convolution1d, convolution2d, dense, lstm, bilstm, gru, "
            + "bigru, without groups)"
        #expect(throws: CompressionError(.notApplicable, reason)) { try none.projectableLayers(matching: nil) }
    }

    /// With zeros for what a filter does not read, groups compute what one convolution does.
    @Test func `grouped convolutions compute in integers what they are`() throws {
        var random = RandomStream(seed: 4, name: "integers")
        func integers(_ count: Int) -> [Int8] { (0..<count).map { _ in Int8(random.below(41) - 20) } }
        let (weights, input) = (integers(6 * 2 * 3), integers(4 * 7))
        var spread = [Int8](repeating: 0, count: 6 * 4 * 3)
        for filter in 0..<6 {
            for channel in 0..<2 {
                for tap in 0..<3 {
                    spread[(filter * 4 + filter / 3 * 2 + channel) * 3 + tap] =
                        weights[(filter * 2 + channel) * 3 + tap]
                }
            }
        }
        func output(groups: Int, _ weights: [Int8]) throws -> [Int8] {
            let layer = Convolution1D(filters: 6, filterSize: 3, stride: 2, padding: .same, groups: groups)
            let unit = ActivationQuantization(scale: .exponent(0), zeroPoint: 0)
            let place = IntegerPlace(
                node: Network.Node("layer", layer, inputs: ["input"]), inputShapes: [[4, 7]], outputShape: [6, 4],
                inputs: [unit], output: ActivationQuantization(scale: .exponent(4), zeroPoint: 0),
                tensors: [
                    "weights": Tensor(shape: [weights.count], storage: .int8(weights)),
                    "bias": Tensor(shape: [6], storage: .int32([0, 5, -7, 30, -40, 1])),
                    "weights.exponent": Tensor(shape: [1], storage: .int8([0])),
                ])
            return try layer.integerOperation(in: place).run([input])
        }
        let grouped = try output(groups: 2, weights)
        #expect(try grouped == output(groups: 1, spread))
        #expect(Set(grouped).count > 5)
    }
}
