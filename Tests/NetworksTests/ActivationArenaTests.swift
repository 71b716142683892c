import Networks
import Tensors
import TestSupport
import Testing

/// The plan of activation memory: by hand for small networks, by property for drawn ones.
@Suite struct ActivationArenaTests {
    private static func chain(_ layers: [(String, any Layer)]) throws -> Network {
        var nodes: [Network.Node] = []
        for (name, layer) in layers {
            nodes.append(Network.Node(name, layer, inputs: nodes.last.map { [$0.name] } ?? []))
        }
        return try Network(nodes: nodes)
    }

    @Test func `a chain needs its two largest neighbours`() throws {
        // 1 x 200, 16 x 200 with batch norm and ReLU in place, 16 x 200 again, 16, 32, 2, 2.
        let network = try ExampleNetworks.road()
        let arena = ActivationArena(of: network)
        #expect(arena.bytes == 2 * 16 * 200 * 4 && arena.lowerBound == arena.bytes)
        #expect(ActivationArena(of: network, bytesPerElement: 1).bytes == 2 * 16 * 200)
        let first = try #require(network.index(of: "conv1d_1"))
        #expect(arena.buffer(of: first)?.nodes == [first, first + 1, first + 2])
        #expect(arena.buffer(of: first)?.steps == first...first + 3)
    }

    @Test func `a shortcut keeps what it carries, and views take nothing`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 8), inputs: []),
            Network.Node("conv", Convolution1D(filters: 2, filterSize: 3, padding: .same), inputs: ["input"]),
            Network.Node("relu", ReLU(), inputs: ["conv"]),
            Network.Node("add", Add(), inputs: ["relu", "input"]),
            Network.Node("dropout", Dropout(probability: 0.5), inputs: ["add"]),
            Network.Node("flatten", Flatten(), inputs: ["dropout"]),
            Network.Node("tanh", Tanh(), inputs: ["flatten"]),
            Network.Node("both", Add(), inputs: ["tanh", "flatten"]),
        ])
        let arena = ActivationArena(of: network)
        // The sum overwrites the branch; `tanh` may not overwrite what `both` reads.
        #expect(arena.buffers.map(\.nodes) == [[0], [1, 2, 3, 4, 5], [6, 7]])
        #expect(arena.buffers.map(\.steps) == [0...3, 1...7, 6...7])
        #expect(arena.bytes == 2 * 64 && arena.lowerBound == 128)
        #expect(arena.buffers[2].offset == arena.buffers[0].offset)
    }

    @Test func `every result lives to the end`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 10), inputs: []),
            Network.Node("early", GlobalAveragePooling(), inputs: ["input"]),
            Network.Node("late", Convolution1D(filters: 4, filterSize: 3, padding: .same), inputs: ["input"]),
            Network.Node("last", GlobalMaxPooling(), inputs: ["late"]),
        ])
        let arena = ActivationArena(of: network)
        #expect(arena.buffers[1].steps == 1...3)
        #expect(arena.bytes == 40 + 4 + 160)
    }

    @Test func `the residual network needs three of its widest values`() throws {
        let arena = ActivationArena(of: try ExampleNetworks.resNet())
        // The way around, the input of a convolution and its output: 16 x 32 x 32 each.
        #expect(arena.lowerBound == 3 * 16 * 1024 * 4 && arena.bytes == arena.lowerBound)
    }

    @Test(arguments: UInt64(0)..<300)
    func `no two live buffers overlap, and every reader finds what was written`(seed: UInt64) throws {
        let networks = [
            try RandomNetworks.sequenceClassifier(seed: seed, variety: .all), try ResidualNetworks.random(seed: seed),
        ]
        for network in networks {
            let arena = ActivationArena(of: network, bytesPerElement: seed.isMultiple(of: 2) ? 1 : 4)
            #expect(arena.bytes >= arena.lowerBound)
            for (index, one) in arena.buffers.enumerated() {
                for other in arena.buffers[..<index] where one.steps.overlaps(other.steps) {
                    let (left, right) = (one.offset..<one.offset + one.bytes, other.offset..<other.offset + other.bytes)
                    #expect(!left.overlaps(right), "seed \(seed): \(one) and \(other)")
                }
            }
            // Run it: each byte remembers the value that stands there, by its node or the one that it is a view of.
            var owner = [Int?](repeating: nil, count: arena.bytes)
            var value: [Int] = []
            for (index, node) in network.nodes.enumerated() {
                let buffer = try #require(arena.buffer(of: index))
                let range = buffer.offset..<buffer.offset + buffer.bytes
                for source in node.inputs.compactMap(network.index(of:)) {
                    let from = try #require(arena.buffer(of: source))
                    let intact = (from.offset..<from.offset + from.bytes).allSatisfy { owner[$0] == value[source] }
                    #expect(intact, "seed \(seed): '\(node.name)' reads what is no longer there")
                }
                let source = node.inputs.first.flatMap(network.index(of:))
                let isView = ["flatten", "reshape", "dropout"].contains(node.layer.kind)
                value.append(isView ? value[source ?? 0] : index)
                for byte in range { owner[byte] = value[index] }
            }
            for output in network.outputs {
                let index = try #require(network.index(of: output.name))
                let buffer = try #require(arena.buffer(of: index))
                #expect((buffer.offset..<buffer.offset + buffer.bytes).allSatisfy { owner[$0] == value[index] })
            }
        }
    }
}
