import Compression
import Datasets
import Foundation
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Training

/// Projection of recurrent layers.
@Suite struct ProjectedRecurrentTests {
    private static let layers: [any RecurrentLayer] = [
        LSTM(units: 5), LSTM(units: 5, outputMode: .last, initialState: .given), BiLSTM(units: 3),
        GRU(units: 5, resetGate: .after), GRU(units: 4, outputMode: .last, resetGate: .before),
        BiGRU(units: 3, outputMode: .last, resetGate: .after),
        BiGRU(units: 3, initialState: .given, resetGate: .before),
    ]

    private func network(_ layer: any Layer, steps: Int = 6, seed: UInt64 = 2) throws -> Network {
        try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 4, steps: steps), inputs: []),
                Network.Node("layer", layer, inputs: ["input"]),
            ]), seed: seed)
    }

    /// Random directions for both sides of the layer.
    private func analysis(
        of layer: any RecurrentLayer, random: inout RandomStream, mean: [Double]? = nil
    ) throws -> ProjectionAnalysis {
        let blocks = try (0..<type(of: layer).directions).map { _ in
            try randomComponents(layer.units, random: &random)
        }
        let input = try randomComponents(4, random: &random, mean: mean)
        return ProjectionAnalysis(layers: [
            ProjectionAnalysis.Layer(name: "layer", input: ProjectionSide([input]), output: ProjectionSide(blocks))
        ])
    }

    // MARK: The worked example

    @Test func `the example's ranks leave 7,196 of 45,200 learnables, and 83.4 % fewer in all`() throws {
        let network = try RandomNetworks.randomized(ExampleNetworks.vowels(), seed: 1)
        var random = SeededGenerator(seed: 3)
        let data = Dataset(
            name: "noise", channels: (0..<12).map { "c\($0)" }, steps: 29, classes: (0..<9).map { "\($0)" },
            labels: (0..<120).map { $0 % 9 }, examples: random.signed(120 * 12 * 29))
        let analysis = try ProjectionAnalysis(of: network, data: data)
        #expect(analysis.layers.map(\.name) == ["lstm", "fc"])
        #expect(analysis.layers.map { $0.output?.dimension } == [100, 9])
        let ranks = ["lstm": ProjectionRanks(input: 8, output: 7), "fc": ProjectionRanks(output: 4)]
        let plan = try ProjectionPlan(network, analysis: analysis, goal: .ranks(ranks))
        let projected = try network.projected(by: plan, analysis: analysis)
        let lstm = try #require(projected.node("lstm"))
        #expect(
            projected.specifications(of: lstm).map { "\($0.specification.name) \($0.specification.shape)" } == [
                "inputProjector 8 x 12", "inputWeights 400 x 8", "outputProjector 7 x 100", "recurrentWeights 400 x 7",
                "bias 400",
            ])
        #expect(projected.counts(of: lstm).learnables == 7_196 && lstm.projectedFrom == "lstm")
        #expect((plan.layers[0].reduction * 1e4).rounded() == 8_408)
        #expect(network.counts.learnables == 46_109 && projected.counts.learnables == 7_641)
        let reduction = 1 - Double(projected.counts.learnables) / Double(network.counts.learnables)
        #expect((1e3 * reduction).rounded() == 834)
        #expect(plan.outcome == .met && plan.level == plan.layers.map(\.explainedVariance).min())
    }

    // MARK: Outputs

    @Test(arguments: 0..<7)
    func `a projection of full rank keeps every output`(index: Int) throws {
        let layer = Self.layers[index]
        for seed in UInt64(0)..<20 {
            let network = try network(layer, seed: seed)
            var random = RandomStream(seed: seed, name: "projection")
            let analysis = try analysis(of: layer, random: &random)
            for (p, q) in [(4, nil), (nil, layer.units), (4, layer.units)] as [(Int?, Int?)] {
                let projected = try network.projected(by: plan("layer", input: p, output: q), analysis: analysis)
                let examples = examples(3, for: network, seed: seed)
                let outputs = try run(projected, on: examples)
                let difference = try largestDifference(run(network, on: examples), outputs)
                #expect(difference < 1e-4, "\(layer.attributes), seed \(seed), ranks \(p ?? 0) and \(q ?? 0)")
                #expect(try run(projected.unpacked, on: examples) == outputs)
                #expect(projected.isProjected && !projected.unpacked.isProjected)
            }
        }
    }

    /// Convolutions, recurrent and dense layers in random graphs, all of them projected at once onto their own components.
    @Test func `random graphs keep their outputs at full rank and unpacked`() throws {
        var projectedLayers = 0
        for seed in UInt64(0)..<150 {
            let network = try RandomNetworks.unequalSequenceClassifier(seed: seed, length: 12)
            let channels = try #require(network.shapes.first)[0]
            let examples = examples(5, for: network, seed: seed)
            let data = Dataset(
                name: "noise", channels: (0..<channels).map { "c\($0)" }, steps: 12, classes: ["x", "y", "z"],
                labels: [0, 1, 2, 0, 1], examples: examples)
            let analysis = try ProjectionAnalysis(of: network, data: data)
            let ranks = Dictionary(
                uniqueKeysWithValues: analysis.layers.map { layer in
                    let isDense = network.node(layer.name)?.layer is Dense
                    let input = isDense ? nil : layer.input?.dimension
                    return (layer.name, ProjectionRanks(input: input, output: layer.output?.dimension))
                })
            let plan = try ProjectionPlan(network, analysis: analysis, goal: .ranks(ranks))
            let projected = try network.projected(by: plan, analysis: analysis)
            let outputs = try run(projected, on: examples)
            let difference = try largestDifference(run(network, on: examples), outputs)
            #expect(difference < 1e-4, "seed \(seed)")
            #expect(try run(projected.unpacked, on: examples) == outputs, "seed \(seed)")
            projectedLayers += plan.layers.count
        }
        #expect(projectedLayers > 500)
    }

    /// An input that never changes is its mean: whatever the directions, nothing of it is lost.
    @Test(arguments: 0..<7)
    func `the mean of the input passes unchanged through any rank`(index: Int) throws {
        let network = try network(Self.layers[index])
        var random = RandomStream(seed: 4, name: "mean")
        let mean = (0..<4).map { _ in random.uniform() }
        let analysis = try analysis(of: Self.layers[index], random: &random, mean: mean.map(Double.init))
        let examples = mean.flatMap { Array(repeating: $0, count: 6) }
        for rank in 1...4 {
            let projected = try network.projected(by: plan("layer", input: rank, output: nil), analysis: analysis)
            #expect(try largestDifference(run(network, on: examples), run(projected, on: examples)) < 1e-5)
        }
    }

    /// A state that stands still passes unchanged too, from the second step on; here it begins where it stands.
    @Test(arguments: [ResetGate.after, .before])
    func `the mean of the hidden state is folded into the bias`(resetGate: ResetGate) throws {
        let layers: [any RecurrentLayer] = [
            LSTM(units: 3, initialState: .given), GRU(units: 3, initialState: .given, resetGate: resetGate),
        ]
        for layer in layers {
            var network = try network(layer, steps: 400)
            // Small weights: the state comes to rest.
            let small = Tensor(
                try #require(network.parameters["layer.recurrentWeights"]).floats.map { $0 / 4 },
                shape: [layer.cell.gates * 3, 3])
            try network.setParameters(["layer.recurrentWeights": small])
            let examples = [Float](repeating: 0.5, count: 1_600)
            let states = try run(network, on: examples)
            let rest = (0..<3).map { states[$0 * 400 + 399] }
            var start = ["layer.initialHidden": Tensor(rest)]
            if layer is LSTM {
                // c = f c + i g at rest: the cell that gives the state is the last one; it is found by running on.
                start["layer.initialCell"] = Tensor(try cell(of: network, at: rest))
            }
            try network.setParameters(start)
            var random = RandomStream(seed: 5, name: "state")
            let directions = try randomComponents(3, random: &random, mean: rest.map(Double.init))
            let analysis = ProjectionAnalysis(layers: [
                ProjectionAnalysis.Layer(name: "layer", input: nil, output: directions)
            ])
            let projected = try network.projected(by: plan("layer", input: nil, output: 1), analysis: analysis)
            let difference = try largestDifference(run(network, on: examples), run(projected, on: examples))
            // The candidate of a GRU with the gate before the product reads another state, whose mean is not folded.
            #expect((difference < 1e-4) == (layer is LSTM || resetGate == .after), "\(layer.attributes): \(difference)")
        }
    }

    /// The cell state of an LSTM at rest: `i g / (1 - f)` with its gates for a constant input and state.
    private func cell(of network: Network, at hidden: [Float]) throws -> [Float] {
        let (w, r, b) = try (
            #require(network.parameters["layer.inputWeights"]).floats,
            #require(network.parameters["layer.recurrentWeights"]).floats,
            #require(network.parameters["layer.bias"]).floats
        )
        func sum(_ row: Int) -> Double {
            let input = (0..<4).reduce(Double(b[row])) { $0 + 0.5 * Double(w[row * 4 + $1]) }
            return (0..<3).reduce(input) { $0 + Double(r[row * 3 + $1]) * Double(hidden[$1]) }
        }
        func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
        return (0..<3).map { Float(sigmoid(sum($0)) * tanh(sum(6 + $0)) / (1 - sigmoid(sum(3 + $0)))) }
    }

    // MARK: Analysis

    @Test(arguments: [RecurrentOutputMode.sequence, .last])
    func `components are those of the states after every step, each direction's own`(
        mode: RecurrentOutputMode
    ) throws {
        let network = try network(BiLSTM(units: 3, outputMode: mode), seed: 8)
        var random = SeededGenerator(seed: 5)
        let steps = (0..<150).map { 1 + ($0 * 7) % 6 }
        let values = random.signed(150 * 24)
        var examples = values
        for (row, steps) in steps.enumerated() {
            for channel in 0..<4 { for step in steps..<6 { examples[(row * 4 + channel) * 6 + step] = 0 } }
        }
        let data = Dataset(
            name: "noise", channels: ["a", "b", "c", "d"], shape: [4, 6],
            targets: .classes(names: ["x", "y"], labels: (0..<150).map { $0 % 2 }), steps: steps, examples: examples)
        let analysis = try ProjectionAnalysis(of: network, data: data)
        let side = try #require(analysis.layers.first?.output)
        #expect(side.blocks.count == 2 && side.dimension == 3)
        let all = try self.network(BiLSTM(units: 3), seed: 8)
        for direction in 0..<2 {
            var accumulator = CovarianceAccumulator(dimension: 3)
            for (row, steps) in steps.enumerated() {
                let alone = try all.reading(steps: steps)
                let states = try run(
                    alone,
                    on: (0..<4).flatMap { channel in
                        (0..<steps).map { values[(row * 4 + channel) * 6 + $0] }
                    })
                accumulator.add(
                    Array(states[direction * 3 * steps..<(direction + 1) * 3 * steps]), examples: 1, positions: steps)
            }
            let expected = try accumulator.principalComponents()
            let own = side.blocks[direction]
            #expect(zip(own.mean, expected.mean).allSatisfy { abs($0 - $1) < 1e-5 })
            #expect(zip(own.variances, expected.variances).allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }

    @Test func `components read back as they were written`() throws {
        let network = try network(BiGRU(units: 3, outputMode: .last))
        let analysis = try ProjectionAnalysis(of: network, data: noise(140))
        #expect(try ProjectionAnalysis(decoding: analysis.encoded) == analysis)
        let message = "this is no file of principal components, or it is damaged"
        #expect(throws: CompressionError(.invalidFile, message)) {
            try ProjectionAnalysis(decoding: Data("{}".utf8))
        }
    }

    @Test func `stopped between batches and resumed, an analysis has the same bytes`() throws {
        let network = try network(BiLSTM(units: 3, outputMode: .last))
        let data = try noise(300)
        let whole = try ProjectionAnalysis(of: network, data: data, threads: 2).encoded
        for stop in 1...2 {
            let stopping = StoppingMonitor(afterSaves: stop)
            func analyzer(_ checkpoint: Data?) throws -> ActivationAnalyzer {
                try ActivationAnalyzer(
                    network, layers: nil, data: data, pool: WorkerPool(threads: 1), from: checkpoint)
            }
            #expect(throws: StoppingMonitor.Stop.self) { try analyzer(nil).run(stopping.monitor) }
            #expect(try analyzer(stopping.saved).run().encoded == whole, "stop \(stop)")
            let message = "the checkpoint is damaged or not one of a 'pca' stage"
            #expect(throws: CompressionError(.invalidCheckpoint, message)) { try analyzer(stopping.saved?.dropLast()) }
        }
    }

    private func noise(_ count: Int) throws -> Dataset {
        var random = SeededGenerator(seed: 6)
        return Dataset(
            name: "noise", channels: ["a", "b", "c", "d"], steps: 6, classes: ["x", "y"],
            labels: (0..<count).map { $0 % 2 }, examples: random.signed(count * 24))
    }

    // MARK: Ranks by hand

    @Test(
        arguments: [
            (["fc": ProjectionRanks(input: 2)], nil, "'ranks' names 'fc'; there are: layer"),
            (
                ["layer": ProjectionRanks(input: 5)], "layer",
                "has input rank 5 in 'ranks'; its input has 4 dimensions, of which 1 to 4 can stay"
            ),
            (
                ["layer": ProjectionRanks(input: 1, output: 4)], "layer",
                "has output rank 4 in 'ranks'; its output has 3 dimensions, of which 1 to 3 can stay"
            ),
        ] as [([String: ProjectionRanks], String?, String)])
    func `ranks must fit their layers`(ranks: [String: ProjectionRanks], layer: String?, message: String) throws {
        let network = try network(BiLSTM(units: 3))
        #expect(throws: CompressionError(.invalidOption, layer: layer, message)) {
            try network.check(ranks, of: network.projectableLayers)
        }
    }

    @Test func `a dense layer has one subspace`() throws {
        let network = try ExampleNetworks.vowels()
        let message = "has ranks of both sides in 'ranks'; 'dense' takes one of them"
        #expect(throws: CompressionError(.invalidOption, layer: "fc", message)) {
            try network.check(["fc": ProjectionRanks(input: 2, output: 2)], of: network.projectableLayers)
        }
    }

    @Test func `a layer with projectors is not projected again`() throws {
        let layer = LSTM(units: 3, projectors: RecurrentProjectors(input: 2))
        #expect(layer.reasonAgainstProjection == "it has projectors already")
        #expect(try network(layer).projectableLayers.isEmpty)
    }
}
