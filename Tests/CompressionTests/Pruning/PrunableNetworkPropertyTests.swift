import Compression
import Interchange
import Networks
import Tensors
import TestSupport
import Testing

/// Properties of slicing over networks drawn at random; a failure names its seed.
@Suite struct PrunableNetworkPropertyTests {
    private static let scope = PruningScope(prunable: [.convolution, .dense])

    @Test func `removing any choice of groups leaves a valid network with the same interface`() throws {
        var (sliced, kinds) = (0, Set<String>())
        for seed in UInt64(0)..<300 {
            let network = try RandomNetworks.graph(seed: seed)
            guard let (prunable, chosen) = try Self.choice(in: network, seed: seed) else { continue }
            let pruned = prunable.removing(chosen)
            let smaller = pruned.network
            sliced += 1
            kinds.formUnion(network.nodes.map(\.layer.kind))
            #expect(smaller.isComplete, "seed \(seed)")
            #expect(smaller.counts.learnables < network.counts.learnables, "seed \(seed)")
            for (before, after) in zip(network.nodes, smaller.nodes) {
                let (old, new) = (network.shape(of: before.name) ?? [], smaller.shape(of: after.name) ?? [])
                #expect(before.name == after.name && before.inputs == after.inputs, "seed \(seed)")
                #expect(old.rank == new.rank && zip(old.dimensions, new.dimensions).allSatisfy { $0 >= $1 })
            }
            for node in network.inputs + network.outputs {
                #expect(smaller.shape(of: node.name) == network.shape(of: node.name), "seed \(seed), \(node.name)")
            }
            for name in prunable.layers {
                let before = network.shape(of: name)?[0] ?? 0
                #expect((smaller.shape(of: name)?[0] ?? 0) >= Self.scope.minimum(of: before), "seed \(seed), \(name)")
            }
            for (name, origins) in pruned.origins {
                #expect(origins.count == smaller.shape(of: name)?[0], "seed \(seed), \(name)")
            }
            // Nothing depends on how the work was split: one after the other gives the same network.
            var stepwise = prunable
            for filter in chosen.compactMap({ $0.filters.first }) {
                let now = stepwise.origins[filter.layer]?.firstIndex(of: filter.index) ?? -1
                let group = stepwise.groups.filter {
                    $0.filters.contains { $0.layer == filter.layer && $0.index == now }
                }
                stepwise = stepwise.removing(group)
            }
            let isSame = stepwise.network == smaller
            #expect(isSame, "seed \(seed)")
            // The same from a file.
            let isKept = try NetworkFile.decode(NetworkFile.encode(smaller)) == smaller
            #expect(isKept, "seed \(seed)")
            // It runs, and so does what is left when nothing more can go.
            for network in [smaller, pruned.fullyPruned.network] {
                for output in network.outputs {
                    let values = try run(network, on: examples(2, for: network, seed: seed), node: output.name)
                    #expect(values.allSatisfy { $0.isFinite }, "seed \(seed), \(output.name)")
                }
            }
        }
        #expect(sliced > 240, "only \(sliced) of 300 networks lost anything")
        let expected: Set = [
            "add", "averagePooling1d", "averagePooling2d", "batchNormalization", "bigru", "bilstm", "concatenate",
            "convolution1d", "convolution2d", "dense", "dropout", "flatten", "globalAveragePooling", "globalMaxPooling",
            "groupNormalization", "gru", "layerNormalization", "lstm", "maxPooling1d", "maxPooling2d", "multiply",
            "pad",
            "prelu", "relu", "reshape", "slice", "subtract", "transposedConvolution1d", "transposedConvolution2d",
        ]
        #expect(kinds.isSuperset(of: expected), "\(expected.subtracting(kinds))")
    }

    @Test func `channels set to zero at their sites are as good as removed`() throws {
        var compared = 0
        for seed in UInt64(0)..<250 {
            let network = try RandomNetworks.graph(seed: seed, normalizesExamples: false)
            guard let (prunable, chosen) = try Self.choice(in: network, seed: seed) else { continue }
            let gone = Set(chosen.map(\.id))
            let channels = NetworkChannels(of: network)
            let masks = prunable.sites.map { site in
                let zeros = channels.groups(of: site.name).enumerated().filter { gone.contains($0.element) }
                return (site.name, [Int: Float](uniqueKeysWithValues: zeros.map { ($0.offset, 0) }))
            }
            let masked = try network.masking(Dictionary(uniqueKeysWithValues: masks))
            let smaller = prunable.removing(chosen).network
            let examples = examples(3, for: network, seed: seed)
            for output in network.outputs {
                let difference = try largestDifference(
                    run(masked, on: examples, node: output.name), run(smaller, on: examples, node: output.name))
                #expect(difference < 1e-4, "seed \(seed), \(output.name)")
            }
            compared += 1
        }
        #expect(compared > 190, "only \(compared) of 250 networks lost anything")
    }

    /// Some groups of a network that can go, if there are any.
    private static func choice(
        in network: Network, seed: UInt64
    ) throws -> (PrunableNetwork, [PrunableNetwork.Group])? {
        guard let prunable = try? PrunableNetwork(network, scope: scope) else { return nil }
        var random = RandomStream(seed: seed, name: "choice")
        let order = random.permutation(of: prunable.groups.count).map { prunable.groups[$0] }
        let chosen = prunable.choice(from: order, atMost: 1 + random.below(order.count))
        return chosen.isEmpty ? nil : (prunable, chosen)
    }

    @Test(arguments: [RecurrentProjectors.none, RecurrentProjectors(input: 2, output: 2)])
    func `a recurrent layer loses input channels and keeps its units`(projectors: RecurrentProjectors) throws {
        let layers: [any Layer] = [
            LSTM(units: 3, outputMode: .last, projectors: projectors), BiLSTM(units: 2, projectors: projectors),
            GRU(units: 3, projectors: projectors), BiGRU(units: 2, outputMode: .last, projectors: projectors),
        ]
        for layer in layers {
            let network = try RandomNetworks.randomized(
                try Network(nodes: [
                    Network.Node("input", SequenceInput(channels: 2, steps: 5), inputs: []),
                    Network.Node("conv", Convolution1D(filters: 4, filterSize: 2), inputs: ["input"]),
                    Network.Node("relu", ReLU(), inputs: ["conv"]),
                    Network.Node("recurrent", layer, inputs: ["relu"]),
                ]), seed: 3)
            let prunable = try PrunableNetwork(network, scope: Self.scope)
            #expect(prunable.layers == ["conv"] && prunable.sites.map(\.name) == ["relu"])
            let smaller = prunable.removing([prunable.groups[1]]).network
            #expect(smaller.shape(of: "recurrent") == network.shape(of: "recurrent"))
            let examples = examples(3, for: network, seed: 1)
            let masked = try network.masking(["relu": [1: 0]])
            #expect(try largestDifference(run(masked, on: examples), run(smaller, on: examples)) < 1e-5)
        }
    }

    @Test func `a layer concatenated with itself is sliced in both places`() throws {
        let network = try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 4), inputs: []),
                Network.Node("conv", Convolution1D(filters: 3, filterSize: 1), inputs: ["input"]),
                Network.Node("twice", Concatenate(), inputs: ["conv", "conv"]),
                Network.Node("flat", Flatten(), inputs: ["twice"]),
                Network.Node("fc", Dense(outputs: 1, hasBias: false), inputs: ["flat"]),
            ]), seed: 1)
        let prunable = try PrunableNetwork(network, scope: PruningScope())
        let smaller = prunable.removing([prunable.groups[1]]).network
        let weights = try #require(network.parameters["fc.weights"]).floats
        let kept = [0..<4, 8..<16, 20..<24].flatMap { Array(weights[$0]) }
        #expect(smaller.parameters["fc.weights"] == Tensor(kept, shape: [1, 16]))
    }

    @Test(arguments: [(4, 4, 1), (4, 8, 1), (2, 4, 4), (2, 8, 4)])
    func `grouped convolutions lose the same members of each block and keep two`(
        groups: Int, filters: Int, kept: Int
    ) throws {
        let network = try Network(nodes: [
            Network.Node("input", ImageInput(height: 4, width: 4, channels: 1), inputs: []),
            Network.Node("conv", Convolution2D(filters: 8, filterSize: [1, 1]), inputs: ["input"]),
            Network.Node("narrow", Convolution2D(filters: groups == 4 ? 4 : 8, filterSize: [1, 1]), inputs: ["conv"]),
            Network.Node(
                "grouped", Convolution2D(filters: filters, filterSize: [1, 1], groups: groups), inputs: ["narrow"]),
            Network.Node("pool", GlobalAveragePooling(), inputs: ["grouped"]),
            Network.Node("fc", Dense(outputs: 2), inputs: ["pool"]),
        ])
        let prunable = try PrunableNetwork(RandomNetworks.randomized(network, seed: 5), scope: PruningScope())
        // As many groups as channels make it depthwise: its filters are not its own.
        #expect(prunable.layers == (groups == 4 ? ["conv", "narrow"] : ["conv", "narrow", "grouped"]))
        for group in prunable.groups {
            let smaller = prunable.removing([group]).network
            #expect(smaller.isComplete)
            for layer in prunable.layers {
                let removed = group.filters.count { $0.layer == layer }
                #expect(smaller.shape(of: layer)?[0] == (network.shape(of: layer)?[0] ?? 0) - removed)
            }
            #expect(smaller.shape(of: "fc") == [2])
        }
        #expect(prunable.fullyPruned.network.shape(of: "narrow")?[0] == kept)
    }
}
