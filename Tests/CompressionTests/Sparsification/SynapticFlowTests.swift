import Compression
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct SynapticFlowTests {
    /// Two dense layers: the paths through `[1, -2; 3, 4]` and `[5, -6]`.
    @Test func `scores are what flows through a weight when all signs are left out`() throws {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 2, steps: 1), inputs: []),
                Network.Node("flat", Flatten(), inputs: ["input"]),
                Network.Node("first", Dense(outputs: 2), inputs: ["flat"]),
                Network.Node("relu", ReLU(), inputs: ["first"]),
                Network.Node("second", Dense(outputs: 1), inputs: ["relu"]),
            ],
            parameters: [
                "first.weights": Tensor([1, -2, 3, 4], shape: [2, 2]), "first.bias": Tensor([100, 100]),
                "second.weights": Tensor([5, -6], shape: [1, 2]), "second.bias": Tensor([100]),
            ])
        let (flow, scores) = SynapticFlow(network).scores()
        #expect(flow == 3 * 5 + 7 * 6)
        #expect(scores == ["first.weights": [5, 10, 18, 24], "second.weights": [15, 42]])
    }

    @Test func `as much flows through every layer of a chain`() throws {
        for network in [try ExampleNetworks.digits(), try ExampleNetworks.road(), try ExampleNetworks.vowels()] {
            let (flow, scores) = SynapticFlow(try RandomNetworks.randomized(network, seed: 2)).scores()
            #expect(flow > 0)
            for layer in network.sparsifiableWeights {
                let sum = layer.parameters.flatMap { scores[$0] ?? [] }.reduce(0, +)
                #expect(abs(sum - flow) < 1e-9 * flow, "\(layer.layer)")
            }
        }
    }

    /// The flow is linear in each tensor of weights: what its scores add up to is lost when it is zero.
    @Test func `the scores of a tensor add up to what flows through it, in every graph`() throws {
        var tensors = 0
        for seed in UInt64(0)..<60 {
            let network = try RandomNetworks.graph(seed: seed)
            let (flow, scores) = SynapticFlow(network).scores()
            #expect(scores.values.allSatisfy { $0.allSatisfy { $0 >= 0 } }, "seed \(seed)")
            for name in network.sparsifiableWeights.flatMap(\.parameters) {
                let count = network.parameters[name]?.shape.count ?? 0
                let without = SynapticFlow(network).scores(changing: [name: Array(repeating: 0, count: count)]).flow
                let sum = (scores[name] ?? []).reduce(0, +)
                #expect(abs(flow - without - sum) < 1e-9 * flow, "seed \(seed), \(name)")
                tensors += 1
            }
        }
        #expect(tensors > 200)
    }

    @Test func `scores are derivatives times weights`() throws {
        for seed in UInt64(0)..<12 {
            let network = try RandomNetworks.graph(seed: seed)
            let (flow, scores) = SynapticFlow(network).scores()
            for name in network.sparsifiableWeights.flatMap(\.parameters) {
                let elements = try #require(network.parameters[name]).floats
                let index = elements.count / 2
                var changed = elements
                changed[index] *= 2
                let twice = SynapticFlow(network).scores(changing: [name: changed]).flow
                #expect(abs(twice - flow - (scores[name]?[index] ?? .nan)) < 1e-9 * flow, "seed \(seed), \(name)")
            }
        }
    }

    @Test func `deep networks do not leave the range`() throws {
        var nodes = [
            Network.Node("input", SequenceInput(channels: 30, steps: 1), inputs: []),
            Network.Node("layer0", Flatten(), inputs: ["input"]),
        ]
        for index in 1...40 {
            nodes.append(Network.Node("layer\(index)", Dense(outputs: 30), inputs: ["layer\(index - 1)"]))
        }
        let (flow, scores) = SynapticFlow(try RandomNetworks.randomized(try Network(nodes: nodes), seed: 1)).scores()
        #expect(flow > Double(Float.greatestFiniteMagnitude) && flow.isFinite)
        #expect(scores.count == 40)
    }
}
