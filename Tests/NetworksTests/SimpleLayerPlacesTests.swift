import AllocationCounter
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Simple layers in a network: in memory that is used again, and without allocation.
@Suite struct SimpleLayerPlacesTests {
    /// Every layer behind a convolution, all of them read in the end.
    private func network() throws -> Network {
        var nodes = [
            Network.Node("input", SequenceInput(channels: 2, steps: 6, normalization: .rescaleSymmetric), inputs: [])
        ]
        var ends: [String] = []
        for (index, layer) in SimpleLayerStepsTests.layers.enumerated() {
            nodes.append(Network.Node("conv\(index)", Convolution1D(filters: 4, filterSize: 1), inputs: ["input"]))
            nodes.append(Network.Node("layer\(index)", layer, inputs: ["conv\(index)"]))
            ends.append("layer\(index)")
        }
        let image = { (name: String) in Network.Node(name, Reshape(positions: [2, 3]), inputs: ["conv0"]) }
        let pairs: [(String, any Layer, [String])] = [
            ("sum", Add(), ["conv1", "layer1", "conv2"]), ("scaled", Multiply(), ["conv3", "mean"]),
            ("difference", Subtract(), ["conv4", "conv5"]), ("product", Multiply(), ["conv6", "conv6"]),
            ("wide", Concatenate(axis: .steps), ["conv7", "conv8"]),
            ("largest", MaxPooling2D(size: [2, 2], stride: [1, 1]), ["image"]),
            ("average", AveragePooling2D(size: [2, 2], padding: .same), ["image"]),
            ("normal", BatchNormalization(), ["conv9"]), ("shifted", Add(), ["normal", "mean"]),
            ("rectified", ReLU(), ["shifted"]),
        ]
        nodes += [image("image"), Network.Node("mean", GlobalAveragePooling(), inputs: ["conv0"])]
        nodes += pairs.map { Network.Node($0, $1, inputs: $2) }
        ends += ["sum", "scaled", "difference", "product", "wide", "largest", "average", "rectified"]
        nodes += ends.map { Network.Node("\($0)_end", Flatten(), inputs: [$0]) }
        nodes.append(Network.Node("all", Concatenate(), inputs: ends.map { "\($0)_end" }))
        nodes.append(Network.Node("fc", Dense(outputs: 3), inputs: ["all"]))
        return try RandomNetworks.randomized(try Network(nodes: nodes), seed: 4)
    }

    private func compiled(
        _ network: Network, _ observation: CompiledNetwork.Observation, threads: Int = 1
    ) throws -> CompiledNetwork {
        try CompiledNetwork(
            network, batchCapacity: 19, purpose: .training, observing: observation, pool: WorkerPool(threads: threads))
    }

    private func step(_ compiled: CompiledNetwork, _ input: [Float]) {
        compiled.setInput(input, count: 19)
        compiled.forward(count: 19, mode: .training(dropoutSeed: 2, step: 3))
        compiled.gradient(of: "fc").fill(0.1)
        compiled.backward(from: "fc", count: 19)
    }

    @Test func `layers give the same in memory that is used again, on any number of threads`() throws {
        let network = try network()
        let input = SeededGenerator.values(19 * 12, seed: 5)
        let everything = try compiled(network, .everything)
        step(everything, input)
        for threads in 1...3 {
            let result = try compiled(network, .result, threads: threads)
            for _ in 0..<2 { step(result, input) }
            expectClose(
                result.values(of: "fc").array, everything.values(of: "fc").array.map(Double.init), relative: 1e-5,
                absolute: 1e-5)
            let gradients = everything.learnableGradients.array.map(Double.init)
            expectClose(
                result.learnableGradients.array, gradients, relative: 1e-5,
                absolute: 1e-6 * (gradients.map(abs).max() ?? 0))
        }
    }

    @Test(.enabled(if: allocations_of_this_thread() >= 0, "heap allocations are counted on glibc"))
    func `a step allocates nothing`() throws {
        let compiled = try compiled(try network(), .result)
        let input = SeededGenerator.values(19 * 12, seed: 5)
        step(compiled, input)
        let before = allocations_of_this_thread()
        for _ in 0..<3 { step(compiled, input) }
        #expect(allocations_of_this_thread() - before == 0)
    }
}
