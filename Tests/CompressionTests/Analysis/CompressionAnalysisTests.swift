import Compression
import Datasets
import Kernels
import Networks
import TestSupport
import Testing

/// What the analysis says of the published networks, and of what stops a layer.
@Suite struct CompressionAnalysisTests {
    private static func analysis(_ network: Network, data: Dataset? = nil) throws -> CompressionAnalysis {
        try CompressionAnalysis(of: network, data: data, pool: WorkerPool(threads: 1))
    }

    private static func technique(
        _ name: String, _ analysis: CompressionAnalysis
    ) throws -> CompressionAnalysis.Technique {
        try #require(analysis.techniques.first { $0.name == name })
    }

    private static func layer(_ name: String, _ analysis: CompressionAnalysis) throws -> CompressionAnalysis.Layer {
        try #require(analysis.layers.first { $0.name == name })
    }

    @Test func `the residual network can be pruned by 96,2 %`() throws {
        let analysis = try Self.analysis(try ExampleNetworks.resNet())
        let pruned = try Self.technique("prune", analysis)
        #expect(pruned.totalParameters == 10_432 && 4 * pruned.totalParameters == Int(40.75 * 1024))
        #expect((pruned.reduction * 1000).rounded() == 962)
        let entry = try #require(try Self.layer("conv_in", analysis).prune)
        #expect(entry.filters == 16 && entry.minimum == 3 && entry.reason == nil)
        #expect(entry.partners == ["stage1_unit1_conv2", "stage1_unit2_conv2", "stage1_unit3_conv2"])
        let inner = try #require(try Self.layer("stage3_unit2_conv1", analysis).prune)
        #expect(inner == PruningReach(filters: 64, minimum: 12, partners: [], reason: nil))
        #expect(try Self.layer("fc", analysis).prune?.reason == "its channels are the output 'softmax'")
        #expect(analysis.activationMemory.float32 == 4 * analysis.activationMemory.int8)
    }

    @Test func `the road network, by each technique`() throws {
        let analysis = try Self.analysis(try ExampleNetworks.road())
        let names = [
            "as it is", "prune", "prune, dense too", "project", "prune, then project", "int8",
            "int8, power-of-two a tensor",
        ]
        #expect(analysis.techniques.map(\.name) == names)
        #expect(analysis.techniques.map(\.totalParameters) == [1_586, 260, 104, 330, 148, 1_586, 1_586])
        // Weights a byte, biases four; scales of 16 + 16 + 32 + 2 filters and of outputs; two constants of the input.
        let int8 = try Self.technique("int8", analysis)
        #expect(int8.memoryBytes == 48 + 768 + 512 + 64 + 66 * 4 + 66 * 4 + 5 * 5 + 8 + 5)
        let first = try Self.layer("conv1d_1", analysis)
        #expect(first.memoryBytes == 256 && first.activationBytes == 12_800 && first.macs == 9_600)
        #expect(first.project?.minimumLearnables == 35 && first.project?.atExplainedVariance == [])
        #expect(try Self.layer("bn_1", analysis).quantize == IntegerReach(memoryBytes: 0, reason: nil))
        #expect(try Self.layer("relu_1", analysis).prune == nil)
    }

    @Test func `with data it says what keeps which share of the variance`() throws {
        let network = try ExampleNetworks.road(steps: 20).initialized(seed: 1, stream: "analysis")
        let data = Dataset(
            name: "waves", channels: ["z"], steps: 20, classes: ["a", "b"], labels: (0..<12).map { $0 % 2 },
            examples: (0..<240).map { Float($0 % 7) * (($0 / 20).isMultiple(of: 2) ? 1 : -0.3) })
        let analysis = try Self.analysis(network, data: data)
        for name in ["conv1d_1", "conv1d_2", "fc_1", "fc_2"] {
            let layer = try Self.layer(name, analysis)
            let project = try #require(layer.project)
            #expect(project.atExplainedVariance.map(\.level) == ProjectionReach.levels)
            let kept = project.atExplainedVariance.map(\.learnables)
            #expect(kept == kept.sorted() && kept.allSatisfy { $0 >= project.minimumLearnables })
            #expect(kept.allSatisfy { $0 <= layer.learnables })
        }
    }

    @Test func `what stops pruning is named`() throws {
        func convolution(_ name: String, _ input: String, filters: Int = 2) -> Network.Node {
            Network.Node(name, Convolution1D(filters: filters, filterSize: 3, padding: .same), inputs: [input])
        }
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 8), inputs: []),
            convolution("beside", "input"),
            Network.Node("add", Add(), inputs: ["beside", "input"]),
            convolution("whole", "add"),
            Network.Node("smooth", Softmax(), inputs: ["whole"]),
            convolution("free", "smooth", filters: 10),
            Network.Node("lstm", LSTM(units: 3, outputMode: .last), inputs: ["free"]),
            Network.Node("fc", Dense(outputs: 2), inputs: ["lstm"]),
        ])
        let analysis = try Self.analysis(network)
        func reason(_ name: String) throws -> String? { try Self.layer(name, analysis).prune?.reason }
        #expect(try reason("beside") == "its channels go with the input 'input'")
        #expect(try reason("whole") == "its channels go into 'smooth' (softmax), which reads all of them")
        #expect(try reason("free") == nil)
        #expect(try Self.layer("free", analysis).prune?.minimum == 2)
        #expect(try reason("lstm") == "a layer of this kind keeps its channels")
        #expect(try reason("fc") == "its channels are the output 'fc'")
    }

    @Test func `a projected network says to unpack it`() throws {
        let plain = try ExampleNetworks.road()
        let nodes = plain.nodes.map { node in
            Network.Node(
                node.name, node.layer, inputs: node.inputs, projectedFrom: node.name == "fc_1" ? "fc" : nil)
        }
        let analysis = try Self.analysis(try Network(nodes: nodes))
        #expect(analysis.techniques.map(\.name) == ["as it is", "int8", "int8, power-of-two a tensor"])
        let layer = try Self.layer("conv1d_1", analysis)
        #expect(layer.prune?.reason == "the network has projected layers: unpack it first")
        #expect(layer.project?.reason == "the network has projected layers: unpack it first")
    }
}
