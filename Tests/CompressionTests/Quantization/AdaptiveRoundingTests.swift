import Compression
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct AdaptiveRoundingTests {
    private static let layers: [(any PatchLayer, any Layer)] = [
        (Dense(outputs: 3), Flatten()),
        (Convolution1D(filters: 4, filterSize: 3, padding: .same), ReLU()),
        (Convolution1D(filters: 6, filterSize: 2, stride: 2, dilation: 2, padding: .causal, groups: 2), ReLU()),
        (Convolution1D(filters: 8, filterSize: 3, groups: 4), ReLU()),
    ]

    /// Filters times patches are the outputs, whatever the geometry.
    @Test(arguments: layers)
    func `patches are what filters multiply`(layer: any PatchLayer, before: any Layer) throws {
        let network = try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 4, steps: 9), inputs: []),
                Network.Node("before", before, inputs: ["input"]),
                Network.Node("layer", layer, inputs: ["before"]),
            ]), seed: 3)
        try Self.expectProducts(of: layer, in: network)
    }

    @Test(arguments: [
        Convolution2D(filters: 4, filterSize: [3, 2], padding: .same),
        Convolution2D(filters: 4, filterSize: [2, 3], stride: [2, 1], dilation: [1, 2], groups: 2),
    ])
    func `patches of images are what filters multiply`(layer: Convolution2D) throws {
        let network = try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", ImageInput(height: 5, width: 7, channels: 2), inputs: []),
                Network.Node("before", ReLU(), inputs: ["input"]),
                Network.Node("layer", layer, inputs: ["before"]),
            ]), seed: 3)
        try Self.expectProducts(of: layer, in: network)
    }

    private static func expectProducts(of layer: any PatchLayer, in network: Network) throws {
        let raw = examples(1, for: network, seed: 1)
        let (input, output) = (try run(network, on: raw, node: "before"), try run(network, on: raw))
        let (from, to) = (try #require(network.shape(of: "before")), try #require(network.shape(of: "layer")))
        let weights = try #require(network.parameters["layer.weights"])
        let bias = try #require(network.parameters["layer.bias"]).floats
        let (filters, size) = (weights.shape[0], weights.shape.count / weights.shape[0])
        let patches = layer.patches(of: from, output: to)
        let positions = to.count / filters
        #expect(patches.count == positions * size)
        let products = (0..<filters * positions).map { index -> Float in
            let (filter, position) = (index / positions, index % positions)
            let first = filter / (filters / layer.patchGroups) * (from.count / layer.patchGroups)
            return (0..<size).reduce(bias[filter]) { sum, element in
                let source = patches[position * size + element]
                return source < 0 ? sum : sum + weights.floats[filter * size + element] * input[first + source]
            }
        }
        #expect(largestDifference(products, output) < 1e-5)
    }

    /// Inputs that go together, so that errors of weights add up or cancel.
    @Test func `rounding up or down is nearly the best of all ways, and never worse than to the nearest`() throws {
        var (nearest, chosen, best) = (0.0, 0.0, 0.0)
        for seed in UInt64(0)..<30 {
            var random = RandomStream(seed: seed, name: "rounding")
            let (size, step) = (8, 0.1)
            let weights = (0..<size).map { _ in Double(2 * random.uniform() - 1) }
            var moments = PatchMoments(size: size, filters: 1)
            var patches: [[Float]] = []
            for _ in 0..<1_500 {
                let common = random.uniform()
                let patch = (0..<size).map { _ in common + 0.3 * random.uniform() }
                let target = (0..<size).reduce(Float(0)) { $0 + Float(weights[$1]) * patch[$1] }
                moments.add {
                    patch[$0]
                } target: { _ in
                    target
                }
                patches.append(patch)
            }
            moments.sum()
            #expect(moments.count == 1_500)
            func error(_ integers: [Double]) -> Double {
                patches.reduce(0) { sum, patch in
                    let difference = (0..<size).reduce(0.0) {
                        $0 + (integers[$1] * step - weights[$1]) * Double(patch[$1])
                    }
                    return sum + difference * difference
                }
            }
            let rounding = AdaptiveRounding(moments: moments, steps: [step], outputStep: 0.02, iterations: 1_000)
            let integers = try rounding.integers(of: weights)
            let plain = weights.map { ($0 / step).rounded() }
            let down = weights.map { ($0 / step).rounded(.down) }
            #expect(zip(integers, down).allSatisfy { $0 == $1 || $0 == $1 + 1 }, "seed \(seed)")
            #expect(error(integers) <= error(plain) * 1.001, "seed \(seed)")
            nearest += error(plain)
            chosen += error(integers)
            // Few patches tell the best of 256 ways.
            let ways = (0..<1 << size).map { way in down.indices.map { down[$0] + Double(way >> $0 & 1) } }
            let few = patches
            patches = Array(patches.prefix(200))
            let found = ways.min { error($0) < error($1) } ?? plain
            patches = few
            best += error(found)
        }
        #expect(chosen < 0.5 * nearest && chosen < 3 * best, "\(nearest) to the nearest, \(chosen), \(best) at best")
    }
}
