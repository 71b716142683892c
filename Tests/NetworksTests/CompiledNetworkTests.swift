import AllocationCounter
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Whole networks: gradients through several readers, modes, batches, threads, memory.
@Suite struct CompiledNetworkTests {
    // MARK: - Against the reference

    @Test(arguments: try Shared.all())
    func `gradients of a value that is read more than once are summed`(network: Network) throws {
        try expectGradients(of: network, from: network.nodes[network.nodes.count - 1].name, seed: 11)
    }

    @Test func `backward from a node in the middle leaves what comes after it alone`() throws {
        let network = try complete(try Shared.residual(), seed: 4)
        try expectGradients(of: network, from: "add", seed: 4)
        let compiled = try CompiledNetwork(
            network, batchCapacity: 2, purpose: .training, pool: WorkerPool(threads: 1))
        compiled.setInput(SeededGenerator.values(2 * 12, seed: 1), count: 2)
        compiled.forward(count: 2, mode: .inference)
        compiled.gradient(of: "fc").fill(1)
        compiled.backward(from: "fc", count: 2)
        #expect(gradient("fc.weights", compiled).contains { $0 != 0 })
        compiled.gradient(of: "add").fill(1)
        compiled.backward(from: "add", count: 2)
        #expect(gradient("fc.weights", compiled).allSatisfy { $0 == 0 })
        #expect(gradient("a.weights", compiled).contains { $0 != 0 })
    }

    @Test(arguments: [true, false])
    func `the road network has the gradients of its reference`(isTraining: Bool) throws {
        let network = try complete(try ExampleNetworks.road(filters: [3, 4], steps: 9), seed: 7)
        try expectGradients(
            of: network, from: "fc_2", seed: 7, mode: isTraining ? .training(dropoutSeed: 1, step: 0) : .inference)
    }

    @Test(arguments: [true, false])
    func `residual networks have the gradients of their reference`(isTraining: Bool) throws {
        let network = try complete(try ResidualNetworks.units([[2, 2], [3]], steps: 5), seed: 12)
        let dense = network.nodes[network.nodes.count - 2].name
        try expectGradients(
            of: network, from: dense, seed: 12, mode: isTraining ? .training(dropoutSeed: 1, step: 0) : .inference)
    }

    @Test(arguments: 1...20)
    func `random networks compute what the reference computes`(seed: UInt64) throws {
        let network = try RandomNetworks.sequenceClassifier(seed: seed)
        let count = 5
        let inputShape = try #require(network.shape(of: network.nodes[0].name))
        let input = SeededGenerator.values(count * inputShape.count, seed: seed)
        for mode in [ReferenceKernels.Mode.inference, .training(dropoutSeed: 9, step: 3)] {
            var reference = ReferenceNetwork(network, mode: mode)
            let expected = try reference.values(of: input.map(Double.init), count: count, changesStates: true)
            let compiled = try CompiledNetwork(
                network, batchCapacity: count, purpose: .inference, pool: WorkerPool(threads: 2))
            compiled.setInput(input, count: count)
            compiled.forward(count: count, mode: CompiledNetwork.Mode(mode))
            for node in network.nodes {
                let values = try #require(expected[node.name])
                let scale = values.elements.map(abs).max() ?? 0
                expectClose(
                    compiled.values(of: node.name).array, values.elements, shape: nil, relative: 1e-4,
                    absolute: 1e-4 * max(scale, 0.1), "seed \(seed), \(mode), \(node.name)")
            }
        }
    }

    @Test func `states follow the batch by the momentum, with the unbiased variance`() throws {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 2), inputs: []),
                Network.Node("bn", BatchNormalization(momentum: 0.25), inputs: ["input"]),
            ]
        ).initialized(seed: 0, stream: "")
        let compiled = try CompiledNetwork(
            network, batchCapacity: 2, purpose: .inference, pool: WorkerPool(threads: 1))
        compiled.setInput([1, 2, 3, 6], count: 2)
        compiled.forward(count: 2, mode: .training(dropoutSeed: 0, step: 0))
        // Mean 3, squared deviations 4 + 1 + 0 + 9 = 14: 14 / 3 unbiased.
        expectClose(compiled.states.array, [0.25 * 3, 1 + 0.25 * (14.0 / 3 - 1)], absolute: 1e-6)
        #expect(compiled.currentNetwork().parameters["bn.mean"]?.floats == [compiled.states[0]])
        compiled.forward(count: 2, mode: .inference)
        expectClose(compiled.states.array, [0.25 * 3, 1 + 0.25 * (14.0 / 3 - 1)], absolute: 1e-6)
    }

    // MARK: - Same bytes

    @Test(arguments: [1, 2, 15, 16, 17, 32, 70])
    func `training gives the same bytes on any number of threads`(count: Int) throws {
        let network = try complete(try ExampleNetworks.road(filters: [5, 6], steps: 40), seed: 2)
        let runs = try [1, 2, 3].map { try Self.train(network, count: count, pool: WorkerPool(threads: $0)) }
        #expect(runs[1] == runs[0])
        #expect(runs[2] == runs[0])
    }

    @Test func `two networks may run on one pool at once`() async throws {
        let pool = WorkerPool(threads: 3)
        let networks = try (0..<2).map { try complete(try ExampleNetworks.road(steps: 60), seed: UInt64($0)) }
        let expected = try networks.map { try Self.train($0, count: 33, pool: WorkerPool(threads: 1)) }
        let runs = try await withThrowingTaskGroup(of: (Int, LayerRun).self) { group in
            for index in 0..<8 {
                group.addTask { (index % 2, try Self.train(networks[index % 2], count: 33, pool: pool)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(runs.count == 8)
        for (index, run) in runs { #expect(run == expected[index]) }
    }

    @Test func `an example gives the same bytes alone and in any batch`() throws {
        let network = try complete(try ExampleNetworks.road(steps: 50), seed: 3)
        let input = SeededGenerator.values(37 * 50, seed: 3)
        let together = try forward(network, input, count: 37)
        for example in [0, 1, 17, 36] {
            let alone = try forward(network, Array(input[example * 50..<(example + 1) * 50]), count: 1)
            #expect(alone == Array(together[example * 2..<example * 2 + 2]))
        }
    }

    @Test func `a batch smaller than the capacity gives the same bytes`() throws {
        let network = try complete(try ExampleNetworks.road(steps: 30), seed: 5)
        let pool = WorkerPool(threads: 2)
        #expect(
            try Self.train(network, count: 16, capacity: 17, pool: pool)
                == Self.train(network, count: 16, capacity: 16, pool: pool))
    }

    // MARK: - Input and dropout

    @Test func `examples are written in place`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 2), inputs: [])
        ])
        let compiled = try CompiledNetwork(
            network, batchCapacity: 3, purpose: .inference, pool: WorkerPool(threads: 1))
        compiled.setInput(count: 3, steps: nil) { input in for index in 0..<6 { input[index] = Float(index) } }
        compiled.forward(count: 3, mode: .inference)
        #expect(compiled.values(of: "input").array == [0, 1, 2, 3, 4, 5])
    }

    @Test func `dropout is a function of seed, name and step, and drops as many as it should`() throws {
        let network = try networkAround(Dropout(probability: 0.3), inputs: [[10, 100]])
        let compiled = try CompiledNetwork(
            network, batchCapacity: 10, purpose: .inference, pool: WorkerPool(threads: 2))
        compiled.setInput([Float](repeating: 1, count: 10_000), count: 10)
        func run(_ seed: UInt64, _ step: Int) -> [Float] {
            compiled.forward(count: 10, mode: .training(dropoutSeed: seed, step: step))
            return compiled.values(of: "layer").array
        }
        let values = run(1, 1)
        #expect(Set(values) == [0, Float(1 / 0.7)])
        var reference = ReferenceNetwork(network, mode: .training(dropoutSeed: 1, step: 1))
        let expected = try reference.values(
            of: [Double](repeating: 1, count: 10_000), count: 10, changesStates: false)["layer"]
        expectClose(values, expected?.elements ?? [], relative: 1e-6)
        // 3,000 expected; the standard deviation is 46.
        #expect((2_800...3_200).contains(values.filter { $0 == 0 }.count))
        #expect(run(1, 1) == values)
        let (otherStep, otherSeed) = (run(1, 2), run(2, 1))
        // Two independent masks agree in 0.7^2 + 0.3^2 = 58 % of their places; the standard deviation is 0.5 %.
        for other in [otherStep, otherSeed] {
            let agreeing = zip(values, other).filter { $0 == $1 }.count
            #expect((5_550...6_050).contains(agreeing))
        }
        compiled.forward(count: 10, mode: .inference)
        #expect(compiled.values(of: "layer").array.allSatisfy { $0 == 1 })
    }

    @Test func `numbers that are not finite pass through`() throws {
        let network = try complete(try ExampleNetworks.road(filters: [3, 4], steps: 20), seed: 8)
        for value in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude] {
            var input = SeededGenerator.values(3 * 20, seed: 8)
            input[25] = value
            let clean = try forward(network, SeededGenerator.values(3 * 20, seed: 8), count: 3)
            let output = try forward(network, input, count: 3, threads: 2)
            // Only the example that has it is touched.
            #expect(Array(output[0..<2]) == Array(clean[0..<2]) && Array(output[4..<6]) == Array(clean[4..<6]))
            if value.isNaN { #expect(output[2].isNaN && output[3].isNaN) }
            let compiled = try CompiledNetwork(
                network, batchCapacity: 3, purpose: .training, pool: WorkerPool(threads: 2))
            compiled.setInput(input, count: 3)
            compiled.forward(count: 3, mode: .training(dropoutSeed: 0, step: 0))
            compiled.gradient(of: "fc_2").fill(value)
            compiled.backward(from: "fc_2", count: 3)
            #expect(value.isFinite || compiled.learnableGradients.array.contains { !$0.isFinite })
        }
    }

    @Test func `the gradient of a rectifier at zero is exactly zero`() throws {
        let compiled = try CompiledNetwork(
            try networkAround(ReLU(), inputs: [[1, 4]]), batchCapacity: 1, purpose: .training,
            pool: WorkerPool(threads: 1))
        compiled.setInput([0, -0.0, 1e-30, -1], count: 1)
        compiled.forward(count: 1, mode: .inference)
        compiled.gradient(of: "layer").fill(3)
        compiled.backward(from: "layer", count: 1)
        #expect(compiled.gradient(of: "input").array == [0, 0, 3, 0])
    }

    // MARK: - Memory

    @Test(
        .enabled(if: allocations_of_this_thread() >= 0, "heap allocations are counted on glibc"),
        arguments: [1, 2])
    func `a step allocates nothing`(threads: Int) throws {
        var nodes = try ExampleNetworks.road(steps: 40).nodes
        nodes.insert(Network.Node("drop", Dropout(probability: 0.2), inputs: ["relu_3"]), at: nodes.count - 2)
        nodes[nodes.count - 2].inputs = ["drop"]
        let network = try complete(try Network(nodes: nodes), seed: 1)
        let data = FloatBuffer(SeededGenerator.values(50 * 40, seed: 1))
        let compiled = try CompiledNetwork(
            network, batchCapacity: 32, purpose: .training, pool: WorkerPool(threads: threads))
        let (first, second) = (FloatBuffer(count: 1_522), FloatBuffer(count: 1_522))
        func step(_ number: Int) {
            compiled.setInput(count: 30, steps: nil) { input in
                input.update(from: data.pointer + (number % 3) * 40, count: 30 * 40)
            }
            compiled.forward(count: 30, mode: .training(dropoutSeed: 1, step: number))
            compiled.gradient(of: compiled.logits).fill(0.1)
            compiled.backward(from: compiled.logits, count: 30)
            SolverKernels.adam(
                compiled.learnables, gradients: compiled.learnableGradients, first: first, second: second,
                step: number + 1, learnRate: 0.001)
            compiled.forward(count: 30, mode: .inference)
        }
        step(0)
        let before = allocations_of_this_thread()
        let buffers = FloatBuffer.allocations
        for number in 1...20 { step(number) }
        #expect(allocations_of_this_thread() - before == 0)
        // The counter sees what it should.
        let live = FloatBuffer(count: 1)
        #expect(allocations_of_this_thread() > before)
        #expect(FloatBuffer.allocations > buffers)
        _ = live
    }

    // MARK: - What cannot run

    @Test func `the loss reads the input of a final softmax, otherwise the output`() throws {
        let pool = WorkerPool(threads: 1)
        let road = try complete(try ExampleNetworks.road(), seed: 1)
        #expect(try CompiledNetwork(road, batchCapacity: 1, purpose: .inference, pool: pool).logits == "fc_2")
        let plain = try networkAround(ReLU(), inputs: [[1, 4]])
        #expect(try CompiledNetwork(plain, batchCapacity: 1, purpose: .inference, pool: pool).logits == "layer")
    }

    @Test func `what cannot run says so`() throws {
        #expect(
            message(of: try ExampleNetworks.road())
                == "layer 'input': has no value for its parameter 'input.mean'; train or load the network before it runs"
        )
        #expect(
            message(
                of: try Network(nodes: [
                    Network.Node("one", SequenceInput(channels: 1, steps: 2), inputs: []),
                    Network.Node("two", SequenceInput(channels: 1, steps: 2), inputs: []),
                    Network.Node("sum", Add(), inputs: ["one", "two"]),
                ])) == "the network has 2 inputs; only one can run")
    }

    private func message(of network: Network) -> String? {
        do {
            _ = try CompiledNetwork(
                network, batchCapacity: 1, purpose: .inference, pool: WorkerPool(threads: 1))
            return nil
        } catch { return error.description }
    }
}

// MARK: - Helpers

extension CompiledNetworkTests {
    /// Three steps of gradient descent.
    private static func train(
        _ network: Network, count: Int, capacity: Int? = nil, pool: WorkerPool
    ) throws -> LayerRun {
        let compiled = try CompiledNetwork(
            network, batchCapacity: capacity ?? count, purpose: .training, pool: pool)
        let steps = network.shapes[0].count
        let velocity = FloatBuffer(count: compiled.learnables.count)
        for step in 0..<3 {
            compiled.setInput(SeededGenerator.values(count * steps, seed: UInt64(step)), count: count)
            compiled.forward(count: count, mode: .training(dropoutSeed: 1, step: step))
            compiled.gradient(of: compiled.logits).copy(
                from: SeededGenerator.values(count * 2, seed: UInt64(10 + step)))
            compiled.backward(from: compiled.logits, count: count)
            SolverKernels.sgdm(
                compiled.learnables, gradients: compiled.learnableGradients, velocity: velocity, learnRate: 0.01)
        }
        return LayerRun(compiled, examples: count, node: "softmax")
    }

    /// Compares all gradients with central differences of the reference.
    private func expectGradients(
        of network: Network, from node: String, seed: UInt64, mode: ReferenceKernels.Mode = .inference,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let count = 3
        let input = SeededGenerator.values(count * network.shapes[0].count, seed: seed)
        let shape = try #require(network.shape(of: node))
        let weights = SeededGenerator.values(count * shape.count, seed: seed + 1)
        var reference = ReferenceNetwork(network, mode: mode)
        // No rectifier may have its kink within reach of the differences.
        let values = try reference.values(of: input.map(Double.init), count: count, changesStates: false)
        for reader in network.nodes where reader.layer is ReLU {
            let distance = values[reader.inputs[0]]?.elements.map(abs).min() ?? 0
            #expect(distance > 1e-4, "seed \(seed) puts a kink at \(distance)", sourceLocation: sourceLocation)
        }
        let expected = try reference.gradients(
            of: node, weights: weights.map(Double.init), input: input.map(Double.init), count: count)
        for observation in [CompiledNetwork.Observation.everything, .result] {
            let compiled = try CompiledNetwork(
                network, batchCapacity: count, purpose: .training, observing: observation,
                pool: WorkerPool(threads: 2))
            guard observation == .everything || node == compiled.logits else { continue }
            compiled.setInput(input, count: count)
            compiled.forward(count: count, mode: CompiledNetwork.Mode(mode))
            compiled.gradient(of: node).copy(from: weights)
            compiled.backward(from: node, count: count)
            // The bias of a convolution before batch normalization has gradient zero: the whole sets the scale.
            let scale = expected.learnables.values.flatMap { $0 }.map(abs).max() ?? 0
            for (name, specification) in network.specifications where specification.role == .learnable {
                expectClose(
                    gradient(name, compiled), expected.learnables[name] ?? [], shape: specification.shape,
                    relative: 1e-4, absolute: 1e-5 * scale, "gradient of \(name), \(observation)",
                    sourceLocation: sourceLocation)
            }
        }
    }

    private func gradient(_ name: String, _ compiled: CompiledNetwork) -> [Float] {
        var start = 0
        for (other, specification) in compiled.network.specifications where specification.role == .learnable {
            let count = specification.shape.count
            if other == name { return compiled.learnableGradients.array(in: start..<start + count) }
            start += count
        }
        return []
    }
}

/// Networks in which values are read more than once.
enum Shared {
    static func all() throws -> [Network] {
        try [residual(), doubled(Add()), doubled(Concatenate()), fan()].map { try complete($0, seed: 6) }
    }

    /// A convolution whose output goes around another one.
    static func residual() throws -> Network {
        try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 6), inputs: []),
            Network.Node("a", Convolution1D(filters: 3, filterSize: 3, padding: .same), inputs: ["input"]),
            Network.Node("b", Convolution1D(filters: 3, filterSize: 3, padding: .same), inputs: ["a"]),
            Network.Node("add", Add(), inputs: ["b", "a"]),
            Network.Node("pool", GlobalAveragePooling(), inputs: ["add"]),
            Network.Node("fc", Dense(outputs: 2), inputs: ["pool"]),
        ])
    }

    /// A layer that reads one value twice.
    static func doubled(_ layer: any Layer) throws -> Network {
        try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 5), inputs: []),
            Network.Node("a", Convolution1D(filters: 2, filterSize: 2), inputs: ["input"]),
            Network.Node("twice", layer, inputs: ["a", "a"]),
            Network.Node("b", Convolution1D(filters: 2, filterSize: 2), inputs: ["twice"]),
        ])
    }

    /// Three readers of different kinds, one of them a dead end.
    static func fan() throws -> Network {
        try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 8), inputs: []),
            Network.Node("a", Convolution1D(filters: 2, filterSize: 3, padding: .causal), inputs: ["input"]),
            Network.Node("mean", AveragePooling1D(size: 2), inputs: ["a"]),
            Network.Node("deadEnd", GlobalAveragePooling(), inputs: ["a"]),
            Network.Node("strided", Convolution1D(filters: 2, filterSize: 2, stride: 2), inputs: ["a"]),
            Network.Node("joined", Concatenate(), inputs: ["mean", "strided", "mean"]),
            Network.Node("bn", BatchNormalization(), inputs: ["joined"]),
        ])
    }
}

/// The network with every parameter drawn at random.
func complete(_ network: Network, seed: UInt64) throws -> Network {
    try RandomNetworks.randomized(network, seed: seed)
}

extension CompiledNetwork.Mode {
    init(_ mode: ReferenceKernels.Mode) {
        switch mode {
        case .inference: self = .inference
        case .training(let seed, let step): self = .training(dropoutSeed: seed, step: step)
        }
    }
}

extension SeededGenerator {
    /// Numbers in [-1, 1) of one seed.
    static func values(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return generator.signed(count)
    }
}
