import Networks
import Tensors
import TestSupport
import Testing

/// Networks as values: the faults of a graph and of parameters.
@Suite struct NetworkTests {
    static let input = Network.Node("in", SequenceInput(channels: 2, steps: 8), inputs: [])

    @Test(arguments: [
        (
            [input, Network.Node("a", ReLU(), inputs: ["in"]), Network.Node("a", ReLU(), inputs: ["in"])],
            "two layers have the name 'a'"
        ),
        ([input, Network.Node("", ReLU(), inputs: ["in"])], "'' is no layer name: it is empty or has a dot in it"),
        (
            [input, Network.Node("a.b", ReLU(), inputs: ["in"])],
            "'a.b' is no layer name: it is empty or has a dot in it"
        ),
        ([input, Network.Node("a", ReLU(), inputs: ["inn"])], "layer 'a': reads 'inn', which is no layer"),
        (
            [
                input, Network.Node("a", Add(), inputs: ["in", "b"]), Network.Node("b", ReLU(), inputs: ["a"]),
            ], "layer 'a': is part of a cycle"
        ),
        ([input, Network.Node("a", ReLU(), inputs: ["a"])], "layer 'a': is part of a cycle"),
        ([input, Network.Node("a", ReLU(), inputs: [])], "layer 'a': has 0 inputs; 'relu' takes 1"),
        ([input, Network.Node("a", Add(), inputs: ["in"])], "layer 'a': has 1 inputs; 'add' takes 2 or more"),
        (
            [
                Network.Node("in", SequenceInput(channels: 2, steps: 8), inputs: ["b"]),
                Network.Node("b", SequenceInput(channels: 2, steps: 8), inputs: []),
            ], "layer 'in': has 1 inputs; 'sequenceInput' takes 0"
        ),
        (
            [input, Network.Node("fc", Dense(outputs: 2), inputs: ["in"])],
            "layer 'fc': the input is 2 x 8; expected [inputs]; put a flatten or a global pooling before it"
        ),
        (
            [input, Network.Node("c", Convolution1D(filters: 1, filterSize: 5, dilation: 2), inputs: ["in"])],
            "layer 'c': a filter of 9 steps does not fit the input 2 x 8"
        ),
        (
            [input, Network.Node("p", MaxPooling1D(size: 9), inputs: ["in"])],
            "layer 'p': a window of 9 steps does not fit the input 2 x 8"
        ),
        (
            [input, Network.Node("p", MaxPooling1D(size: 2, padding: .explicit([2, 0])), inputs: ["in"])],
            "layer 'p': padding of 2 and 0 is not below the window size 2"
        ),
        (
            [
                input, Network.Node("c", Convolution1D(filters: 3, filterSize: 1), inputs: ["in"]),
                Network.Node("sum", Add(), inputs: ["in", "c"]),
            ], "layer 'sum': cannot add 2 x 8 and 3 x 8"
        ),
        (
            [
                input, Network.Node("c", Convolution1D(filters: 3, filterSize: 2), inputs: ["in"]),
                Network.Node("both", Concatenate(), inputs: ["in", "c"]),
            ], "layer 'both': cannot concatenate 2 x 8 and 3 x 7: only channels may differ"
        ),
        (
            [
                input, Network.Node("pool", GlobalAveragePooling(), inputs: ["in"]),
                Network.Node("again", GlobalMaxPooling(), inputs: ["pool"]),
            ], "layer 'again': the input is 2; expected [channels, positions]"
        ),
        (
            [
                Network.Node("in", ImageInput(height: 4, width: 4, channels: 3), inputs: []),
                Network.Node("c", Convolution2D(filters: 4, filterSize: [3, 3], groups: 2), inputs: ["in"]),
            ], "layer 'c': 2 groups must divide both the channels of the input 3 x 4 x 4 and the 4 filters"
        ),
    ])
    func `a fault of the graph is told whole`(nodes: [Network.Node], message: String) {
        #expect(Self.message { try Network(nodes: nodes) } == message)
    }

    @Test func `a fault of a parameter is told whole`() throws {
        let network = try Network(nodes: [Self.input, Network.Node("bn", BatchNormalization(), inputs: ["in"])])
        func message(_ name: String, _ tensor: Tensor) -> String? {
            Self.message { try Network(nodes: network.nodes, parameters: [name: tensor]) }
        }
        #expect(message("bn.shift", Tensor([0, 0])) == "no layer has a parameter 'bn.shift'")
        #expect(
            message("bn.scale", Tensor([0, 0, 0])) == "parameter 'bn.scale' is F32 3; its layer needs F32 2")
        #expect(
            message("bn.scale", Tensor(shape: [2], storage: .int8([0, 0])))
                == "parameter 'bn.scale' is I8 2; its layer needs F32 2")
    }

    @Test func `nodes are sorted so that each follows its inputs, otherwise as given`() throws {
        let network = try Network(nodes: [
            Network.Node("c", Add(), inputs: ["b", "a"]), Network.Node("b", ReLU(), inputs: ["in"]), Self.input,
            Network.Node("a", ReLU(), inputs: ["in"]),
        ])
        #expect(network.nodes.map(\.name) == ["in", "a", "b", "c"])
        #expect(network.inputs.map(\.name) == ["in"])
        #expect(network.outputs.map(\.name) == ["c"])
        #expect(network.consumers(of: "in").map(\.name) == ["a", "b"])
    }

    @Test func `first values are a function of seed, stream and name`() throws {
        let network = try ExampleNetworks.road()
        let first = network.initialized(seed: 1, stream: "train")
        #expect(first.isComplete && !network.isComplete)
        #expect(first == network.initialized(seed: 1, stream: "train"))
        #expect(first != network.initialized(seed: 2, stream: "train"))
        #expect(first != network.initialized(seed: 1, stream: "train/2"))
        #expect(first.architecture == network)
        let weights = try #require(first.parameters["conv1d_2.weights"]).floats
        // Glorot: uniform in ±sqrt(6 / (16 * 3 + 16 * 3)) = ±0.25.
        #expect(weights.allSatisfy { abs($0) <= 0.25 } && weights.contains { abs($0) > 0.24 })
        #expect(first.parameters["bn_1.variance"]?.floats == [Float](repeating: 1, count: 16))
    }

    private static func message(_ body: () throws -> Network) -> String? {
        do {
            _ = try body()
            return nil
        } catch { return "\(error)" }
    }
}
