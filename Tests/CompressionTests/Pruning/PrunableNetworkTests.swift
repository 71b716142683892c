import Compression
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct PrunableNetworkTests {
    private let everything = PruningScope(prunable: [.convolution, .dense])

    // MARK: Published numbers

    @Test func `the digits network has 48 prunable filters and 40 after removing eight`() throws {
        let prunable = try PrunableNetwork(ExampleNetworks.digits(), scope: PruningScope())
        #expect(prunable.network.counts.learnables == 123_090)
        #expect(prunable.network.counts.states == 120)
        let roles = prunable.network.specifications.map(\.specification.role)
        #expect(roles.count { $0 == .learnable } == 14 && roles.count { $0 == .state } == 6)
        #expect(prunable.layers == ["conv_1", "conv_2", "conv_3"])
        #expect(prunable.prunableCount == 48)
        let smaller = prunable.removing(prunable.choice(from: prunable.groups, atMost: 8))
        #expect(smaller.prunableCount == 40)
        #expect(smaller.network.shape(of: "conv_1") == [12, 24, 24])
    }

    @Test func `the fully pruned residual network has 10,432 parameters`() throws {
        let network = try ExampleNetworks.resNet()
        #expect(network.counts.learnables == 273_258)
        #expect(network.specifications.count { $0.specification.role == .learnable } == 86)
        #expect(network.specifications.count { $0.specification.role == .state } == 42)
        let prunable = try PrunableNetwork(network, scope: PruningScope())
        let smallest = prunable.fullyPruned.network.counts
        #expect(smallest.totalParameters == 10_432)
        // 40.75 KiB, 96.2 % less.
        #expect(Double(4 * smallest.totalParameters) / 1024 == 40.75)
        let reduction = 1 - Double(smallest.totalParameters) / Double(network.counts.totalParameters)
        #expect((1000 * reduction).rounded() == 962)
        #expect(prunable.fullyPruned.prunableCount == 0)
    }

    @Test(arguments: [([16, 16], 1_522, 64), ([7, 13], 868, 40)])
    func `the road network has its published counts`(filters: [Int], learnables: Int, states: Int) throws {
        let counts = try ExampleNetworks.road(filters: filters).counts
        #expect(counts.learnables == learnables)
        #expect(counts.states == states)
    }

    @Test func `fully pruned, the road network keeps three filters a convolution`() throws {
        let prunable = try PrunableNetwork(ExampleNetworks.road(), scope: PruningScope())
        #expect(prunable.prunableCount == 26)
        // 3 x 3 + 3, batch norm 6 + 6; 3 x 3 x 3 + 3, 6 + 6; 3 x 32 + 32; 32 x 2 + 2.
        #expect(prunable.fullyPruned.network.counts.totalParameters == 12 + 12 + 30 + 12 + 128 + 66)
        let dense = try PrunableNetwork(ExampleNetworks.road(), scope: everything)
        #expect(dense.layers == ["conv1d_1", "conv1d_2", "fc_1"])
        #expect(dense.prunableCount == 52)
        #expect(dense.fullyPruned.network.shape(of: "fc_1") == [6])
    }

    // MARK: Choosing

    @Test func `the choice ends as soon as enough is removed`() throws {
        let prunable = try PrunableNetwork(ExampleNetworks.road(), scope: PruningScope())
        let chosen = prunable.choice(from: prunable.groups) { $0.totalParameters <= 984 }
        let before = prunable.removing(Array(chosen.dropLast())).network.counts.totalParameters
        #expect(prunable.removing(chosen).network.counts.totalParameters <= 984)
        #expect(before > 984)
        #expect(prunable.choice(from: prunable.groups) { $0.totalParameters <= 1_586 }.isEmpty)
    }

    @Test func `limits are parts of the filters there were at the start`() throws {
        var prunable = try PrunableNetwork(ExampleNetworks.digits(), scope: PruningScope())
        for left in stride(from: 48, to: 0, by: -1) {
            #expect(prunable.prunableCount == left)
            prunable = prunable.removing(prunable.choice(from: prunable.groups.reversed(), atMost: 1))
        }
        #expect(prunable.prunableCount == 0)
        #expect(["conv_1", "conv_2", "conv_3"].map { prunable.network.shape(of: $0)?[0] } == [4, 4, 4])
    }

    @Test(arguments: [(0.2, 20, 4), (0.2, 4, 1), (0.29, 100, 29), (0, 7, 1), (1, 7, 7), (0.5, 5, 2)])
    func `a layer keeps its fraction, rounded down, and one`(fraction: Double, count: Int, minimum: Int) {
        #expect(PruningScope(minimumFraction: fraction).minimum(of: count) == minimum)
    }

    @Test func `every filter remembers the position it had at the start`() throws {
        let prunable = try PrunableNetwork(ExampleNetworks.road(filters: [5, 4]), scope: PruningScope())
        let first = prunable.removing([prunable.groups[1]])
        #expect(first.origins["conv1d_1"] == [0, 2, 3, 4])
        let second = first.removing([first.groups[1]])
        #expect(second.origins["conv1d_1"] == [0, 3, 4])
    }

    // MARK: Selecting layers

    @Test func `layers that are not selected keep their filters`() throws {
        let prunable = try PrunableNetwork(ExampleNetworks.road(), scope: PruningScope(layerNames: ["*_2"]))
        #expect(prunable.layers == ["conv1d_2"])
        #expect(prunable.prunableCount == 13)
    }

    @Test func `a pattern for a layer that has no removable filters is an error`() throws {
        let message =
            "'fc_1' matches no layer that can be pruned; there are: conv1d_1, conv1d_2"
        #expect(throws: CompressionError(.unmatchedPattern, message)) {
            try PrunableNetwork(ExampleNetworks.road(), scope: PruningScope(layerNames: ["fc_1"]))
        }
    }

    @Test func `a layer alone out of those that go together is an error that names the others`() throws {
        let network = try ExampleNetworks.residual()
        let message =
            "every filter of the selected layers (conv_b) goes together with filters of layers that are not selected; "
            + "select those too: conv_a"
        #expect(throws: CompressionError(.notApplicable, message)) {
            try PrunableNetwork(network, scope: PruningScope(layerNames: ["conv_b"]))
        }
        let both = try PrunableNetwork(network, scope: PruningScope(layerNames: ["conv_*"]))
        #expect(both.groups.count == 6)
        #expect(both.groups.allSatisfy { $0.filters.map(\.layer) == ["conv_a", "conv_b"] })
    }

    @Test func `a network without removable filters is an error`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 8), inputs: []),
            Network.Node("conv", Convolution1D(filters: 4, filterSize: 3), inputs: ["input"]),
        ])
        let message =
            "the network has no filters that can be removed (prunable: convolution): "
            + "those of its first and last layers are its interface"
        #expect(throws: CompressionError(.notApplicable, message)) {
            try PrunableNetwork(network, scope: PruningScope())
        }
    }
}

extension ExampleNetworks {
    /// Two convolutions whose filters are added.
    static func residual() throws -> Network {
        try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 8), inputs: []),
            Network.Node("conv_a", Convolution1D(filters: 6, filterSize: 3, padding: .same), inputs: ["input"]),
            Network.Node("relu_a", ReLU(), inputs: ["conv_a"]),
            Network.Node("conv_b", Convolution1D(filters: 6, filterSize: 3, padding: .same), inputs: ["relu_a"]),
            Network.Node("sum", Add(), inputs: ["relu_a", "conv_b"]),
            Network.Node("pool", GlobalAveragePooling(), inputs: ["sum"]),
            Network.Node("fc", Dense(outputs: 3), inputs: ["pool"]),
        ])
    }
}

extension ExampleNetworks {
    /// Two convolutions, the second of which is concatenated to the first, normalized anew before each reader.
    static func dense() throws -> Network {
        try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 8), inputs: []),
            Network.Node("conv_1", Convolution1D(filters: 4, filterSize: 3, padding: .same), inputs: ["input"]),
            Network.Node("bn_1", BatchNormalization(), inputs: ["conv_1"]),
            Network.Node("relu_1", ReLU(), inputs: ["bn_1"]),
            Network.Node("conv_2", Convolution1D(filters: 3, filterSize: 3, padding: .same), inputs: ["relu_1"]),
            Network.Node("both", Concatenate(), inputs: ["conv_1", "conv_2"]),
            Network.Node("bn_2", BatchNormalization(), inputs: ["both"]),
            Network.Node("relu_2", ReLU(), inputs: ["bn_2"]),
            Network.Node("pool", GlobalAveragePooling(), inputs: ["relu_2"]),
            Network.Node("fc", Dense(outputs: 3), inputs: ["pool"]),
        ])
    }
}
