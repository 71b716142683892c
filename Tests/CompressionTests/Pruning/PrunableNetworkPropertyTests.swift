import Compression
import Networks
import Tensors
import TestSupport
import Testing

/// Properties of slicing over networks drawn at random; a failure names its seed.
@Suite struct PrunableNetworkPropertyTests {
    private static let scope = PruningScope(prunable: [.convolution, .dense])

    @Test(arguments: [RandomNetworks.Variety.none, .all])
    func `removing any choice of groups leaves a valid network with the same interface`(
        variety: RandomNetworks.Variety
    ) throws {
        var sliced = 0
        for seed in UInt64(0)..<400 {
            let network = try RandomNetworks.sequenceClassifier(seed: seed, variety: variety)
            guard let prunable = try? PrunableNetwork(network, scope: Self.scope) else { continue }
            var random = RandomStream(seed: seed, name: "choice")
            let order = random.permutation(of: prunable.groups.count).map { prunable.groups[$0] }
            let chosen = prunable.choice(from: order, atMost: 1 + random.below(order.count))
            let smaller = prunable.removing(chosen).network
            sliced += chosen.isEmpty ? 0 : 1
            #expect(smaller.isComplete, "seed \(seed)")
            #expect(
                smaller.inputs.map { smaller.shape(of: $0.name) } == network.inputs.map { network.shape(of: $0.name) })
            #expect(
                smaller.outputs.map { smaller.shape(of: $0.name) } == network.outputs.map { network.shape(of: $0.name) }
            )
            #expect(chosen.isEmpty || smaller.counts.learnables < network.counts.learnables, "seed \(seed)")
            for name in prunable.layers {
                let before = network.shape(of: name)?[0] ?? 0
                #expect((smaller.shape(of: name)?[0] ?? 0) >= Self.scope.minimum(of: before), "seed \(seed), \(name)")
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
            #expect(stepwise.network == smaller, "seed \(seed)")
        }
        #expect(sliced > 200, "only \(sliced) of 400 networks lost anything")
    }

    /// What a group's filters give is set to zero by their own parameters and those of their batch normalization.
    @Test(arguments: [RandomNetworks.Variety.none, .zeroPreserving])
    func `removing channels that are zero where they are scored changes no output`(
        variety: RandomNetworks.Variety
    ) throws {
        var compared = 0
        for seed in UInt64(0)..<250 {
            let network = try RandomNetworks.sequenceClassifier(
                seed: seed, isolatesBatchNormalization: true, variety: variety)
            guard let prunable = try? PrunableNetwork(network, scope: Self.scope) else { continue }
            var random = RandomStream(seed: seed, name: "choice")
            let order = random.permutation(of: prunable.groups.count).map { prunable.groups[$0] }
            let chosen = prunable.choice(from: order, atMost: 1 + random.below(order.count))
            guard !chosen.isEmpty else { continue }
            let masked = try masking(chosen, in: prunable)
            let examples = examples(3, for: network, seed: seed)
            for filter in chosen.flatMap(\.filters) {
                let site = prunable.activation(of: filter.layer)
                let shape = try #require(network.shape(of: site))
                let values = try run(masked, on: examples, node: site)
                let positions = shape.count / shape[0]
                let zeros = (0..<3).allSatisfy { example in
                    let start = (example * shape[0] + filter.index) * positions
                    return values[start..<start + positions].allSatisfy { $0 == 0 }
                }
                #expect(zeros, "seed \(seed), \(filter.layer), filter \(filter.index)")
            }
            let difference = try largestDifference(
                run(masked, on: examples), run(prunable.removing(chosen).network, on: examples))
            #expect(difference < 1e-5, "seed \(seed)")
            compared += 1
        }
        #expect(compared > 150, "only \(compared) of 250 networks lost anything")
    }

    private func masking(_ groups: [PrunableNetwork.Group], in prunable: PrunableNetwork) throws -> Network {
        var network = prunable.network
        for filter in groups.flatMap(\.filters) {
            let layer = try #require(network.node(filter.layer))
            let readers = network.consumers(of: filter.layer).filter { $0.layer is BatchNormalization }
            for node in [layer] + readers {
                for (name, specification) in network.specifications(of: node)
                where specification.role == .learnable {
                    let size = specification.shape.count / specification.shape[0]
                    var elements = try #require(network.parameters[name]).floats
                    for index in filter.index * size..<(filter.index + 1) * size { elements[index] = 0 }
                    try network.setParameters([name: Tensor(elements, shape: specification.shape)])
                }
            }
        }
        return network
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

    @Test(arguments: [(4, 4), (4, 8), (2, 4)])
    func `grouped convolutions pass removals on`(groups: Int, filters: Int) throws {
        let network = try Network(nodes: [
            Network.Node("input", ImageInput(height: 4, width: 4, channels: 1), inputs: []),
            Network.Node("conv", Convolution2D(filters: 4, filterSize: [1, 1]), inputs: ["input"]),
            Network.Node(
                "grouped", Convolution2D(filters: filters, filterSize: [1, 1], groups: groups), inputs: ["conv"]),
            Network.Node("pool", GlobalAveragePooling(), inputs: ["grouped"]),
            Network.Node("fc", Dense(outputs: 2), inputs: ["pool"]),
        ])
        let prunable = try PrunableNetwork(RandomNetworks.randomized(network, seed: 5), scope: PruningScope())
        for group in prunable.groups {
            let smaller = prunable.removing([group]).network
            #expect(smaller.isComplete)
            let removed = group.filters.count { $0.layer == "conv" }
            #expect(smaller.shape(of: "conv")?[0] == 4 - removed)
            #expect(smaller.shape(of: "fc") == [2])
        }
    }
}
