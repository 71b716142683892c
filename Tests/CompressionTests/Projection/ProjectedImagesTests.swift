import Compression
import Networks
import Tensors
import TestSupport
import Testing

/// Projection of convolutions over images.
@Suite struct ProjectedImagesTests {
    private func network(_ layer: any Layer, seed: UInt64) throws -> Network {
        try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", ImageInput(height: 7, width: 6, channels: 3), inputs: []),
                Network.Node("conv", layer, inputs: ["input"]),
            ]), seed: seed)
    }

    private let layers = [
        Convolution2D(filters: 5, filterSize: [3, 2]), Convolution2D(filters: 4, filterSize: [1, 1], hasBias: false),
        Convolution2D(filters: 5, filterSize: [3, 3], stride: [2, 1], padding: .same),
        Convolution2D(filters: 6, filterSize: [2, 2], dilation: [2, 1], padding: .explicit([1, 0, 2, 1])),
    ]

    @Test func `a projection of full rank keeps every output`() throws {
        for seed in UInt64(0)..<12 {
            let layer = layers[Int(seed) % 4]
            let network = try network(layer, seed: seed)
            var random = RandomStream(seed: seed, name: "projection")
            let analysis = ProjectionAnalysis(layers: [
                ProjectionAnalysis.Layer(
                    name: "conv", input: try randomComponents(3, random: &random),
                    output: try randomComponents(layer.filters, random: &random))
            ])
            for (p, q) in [(3, nil), (nil, layer.filters), (3, layer.filters)] as [(Int?, Int?)] {
                let projected = try network.projected(by: plan("conv", input: p, output: q), analysis: analysis)
                let examples = examples(2, for: network, seed: seed)
                let outputs = try run(projected, on: examples)
                #expect(try largestDifference(run(network, on: examples), outputs) < 1e-5, "seed \(seed)")
                #expect(try run(projected.unpacked, on: examples) == outputs)
            }
        }
    }

    @Test func `a reduced convolution has p C + k p q + q F + F learnables, one tap on either side`() throws {
        let network = try network(Convolution2D(filters: 8, filterSize: [3, 3], stride: [2, 2]), seed: 1)
        var random = RandomStream(seed: 1, name: "projection")
        let analysis = ProjectionAnalysis(layers: [
            ProjectionAnalysis.Layer(
                name: "conv", input: try randomComponents(3, random: &random),
                output: try randomComponents(8, random: &random))
        ])
        let plan = try ProjectionPlan(
            network, analysis: analysis, goal: .ranks(["conv": ProjectionRanks(input: 2, output: 4)]))
        let projected = try network.projected(by: plan, analysis: analysis)
        #expect(projected.counts.learnables == 2 * 3 + 9 * 2 * 4 + 4 * 8 + 8)
        #expect(plan.layers.map(\.learnablesAfter) == [118])
        #expect(projected.nodes.map(\.name) == ["input", "conv_proj_in", "conv", "conv_proj_out"])
        #expect(projected.shapes.last == network.shapes.last)
        let kernels = projected.nodes.compactMap { ($0.layer as? Convolution2D)?.filterSize }
        #expect(kernels == [[1, 1], [3, 3], [1, 1]])
    }

    @Test(
        arguments: [
            (
                TransposedConvolution2D(filters: 2, filterSize: [2, 2]),
                "its positions read different numbers of taps, so no bias can hold the mean that a projection loses"
            ),
            (
                Convolution2D(filters: 3, filterSize: [2, 2], groups: 3),
                "its filters read the channels of their group alone, and directions are of them all"
            ),
            (ReLU(), "it has no weights between its channels"), (Convolution2D(filters: 3, filterSize: [2, 2]), nil),
            (Dense(outputs: 2), nil), (GRU(units: 2), nil),
        ] as [(any Layer, String?)])
    func `a layer says why it is not projected`(layer: any Layer, reason: String?) {
        #expect(layer.reasonAgainstProjection == reason)
    }
}
