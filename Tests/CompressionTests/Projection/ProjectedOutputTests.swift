import Compression
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// What projected networks compute, against the plain ones.
@Suite struct ProjectedOutputTests {
    @Test func `a projection of full rank keeps every output`() throws {
        var projectedLayers = 0
        for seed in UInt64(0)..<150 {
            let network = try RandomNetworks.sequenceClassifier(seed: seed)
            var random = RandomStream(seed: seed, name: "projection")
            for name in network.projectableLayers {
                let node = try #require(network.node(name))
                let (input, output) = (network.inputShapes(of: node)[0][0], try #require(network.shape(of: name))[0])
                let analysis = ProjectionAnalysis(layers: [
                    ProjectionAnalysis.Layer(
                        name: name, input: try randomComponents(input, random: &random),
                        output: try randomComponents(output, random: &random))
                ])
                let sides: [(Int?, Int?)] = [(input, nil), (nil, output), (input, output)]
                for (p, q) in sides.prefix(node.layer is Dense ? 2 : 3) {
                    let plan = plan(name, input: p, output: q)
                    let projected = try network.projected(by: plan, analysis: analysis)
                    let examples = examples(2, for: network, seed: seed)
                    let difference = try largestDifference(run(network, on: examples), run(projected, on: examples))
                    #expect(difference < 1e-4, "seed \(seed), layer \(name), ranks \(p ?? 0) and \(q ?? 0)")
                    #expect(try run(projected.unpacked, on: examples) == run(projected, on: examples))
                    projectedLayers += 1
                }
            }
        }
        #expect(projectedLayers > 500)
    }

    /// Input channels that never change are their mean: nothing is lost, whatever the rank.
    @Test(arguments: [(1, nil), (nil, 1), (2, 2), (2, nil), (nil, 3)] as [(Int?, Int?)])
    func `the mean passes unchanged through any rank`(input: Int?, output: Int?) throws {
        for (seed, layer) in convolutions.enumerated() {
            let name = "conv"
            var random = RandomStream(seed: UInt64(seed), name: "mean")
            let network = try RandomNetworks.randomized(
                try Network(nodes: [
                    Network.Node("input", SequenceInput(channels: 4, steps: 12), inputs: []),
                    Network.Node(name, layer, inputs: ["input"]),
                ]), seed: UInt64(seed))
            let mean = (0..<4).map { _ in random.uniform() }
            let examples = mean.flatMap { Array(repeating: $0, count: 12) }
            let outputs = try run(network, on: examples)
            let steps = outputs.count / 5
            // The middle step sees no padding.
            let middle = (0..<5).map { Double(outputs[$0 * steps + steps / 2]) }
            let analysis = ProjectionAnalysis(layers: [
                ProjectionAnalysis.Layer(
                    name: name, input: try randomComponents(4, random: &random, mean: mean.map(Double.init)),
                    output: try randomComponents(5, random: &random, mean: middle))
            ])
            let projected = try network.projected(
                by: plan(name, input: input, output: output), analysis: analysis)
            let values = try run(projected, on: examples)
            let isPadded = layer.padding != .none1D
            for channel in 0..<5 {
                for step in isPadded ? steps / 2..<steps / 2 + 1 : 0..<steps {
                    let difference = abs(Double(values[channel * steps + step]) - middle[channel])
                    #expect(difference < 1e-5, "\(layer.attributes), channel \(channel), step \(step)")
                }
            }
        }
    }

    private var convolutions: [Convolution1D] {
        [
            Convolution1D(filters: 5, filterSize: 3), Convolution1D(filters: 5, filterSize: 1, hasBias: false),
            Convolution1D(filters: 5, filterSize: 3, padding: .same),
            Convolution1D(filters: 5, filterSize: 2, stride: 2, hasBias: false),
            Convolution1D(filters: 5, filterSize: 3, dilation: 2),
            Convolution1D(filters: 5, filterSize: 3, padding: .causal),
        ]
    }

    /// The reduced layer against the formula `Q Q' (W (P P' (x - m) + m) + b - n) + n`, step by step in doubles.
    @Test(arguments: [(2, nil), (nil, 3), (2, 3)] as [(Int?, Int?)])
    func `a reduced convolution is the formula`(inputRank: Int?, outputRank: Int?) throws {
        var random = RandomStream(seed: 3, name: "formula")
        let network = try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 4, steps: 6), inputs: []),
                Network.Node("conv", Convolution1D(filters: 5, filterSize: 3), inputs: ["input"]),
            ]), seed: 3)
        let (input, output) = (try randomComponents(4, random: &random), try randomComponents(5, random: &random))
        let analysis = ProjectionAnalysis(layers: [.init(name: "conv", input: input, output: output)])
        let projected = try network.projected(
            by: plan("conv", input: inputRank, output: outputRank), analysis: analysis)
        let examples = examples(1, for: network, seed: 3)
        let values = try run(projected, on: examples)
        let weights = try #require(network.parameters["conv.weights"]).floats
        let bias = try #require(network.parameters["conv.bias"]).floats
        let vectors = (0..<6).map { step in
            project((0..<4).map { Double(examples[$0 * 6 + step]) }, input, rank: inputRank)
        }
        for step in 0..<4 {
            let outputs = (0..<5).map { filter in
                (0..<4).reduce(Double(bias[filter])) { sum, channel in
                    (0..<3).reduce(sum) {
                        $0 + Double(weights[(filter * 4 + channel) * 3 + $1]) * vectors[step + $1][channel]
                    }
                }
            }
            let expected = project(outputs, output, rank: outputRank)
            for filter in 0..<5 { #expect(abs(Double(values[filter * 4 + step]) - expected[filter]) < 1e-5) }
        }
    }

    private func project(_ vector: [Double], _ components: PrincipalComponents, rank: Int?) -> [Double] {
        guard let rank else { return vector }
        var result = components.mean
        for direction in components.directions.prefix(rank) {
            let part = (0..<vector.count).reduce(0) { $0 + direction[$1] * (vector[$1] - components.mean[$1]) }
            for index in result.indices { result[index] += part * direction[index] }
        }
        return result
    }
}
