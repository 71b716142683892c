import AllocationCounter
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Networks of which only the result is observed: fused, in memory that is used again, and still the same network.
@Suite struct ResultTests {
    @Test(arguments: 1...40)
    func `random networks have the result that they have when everything is observed`(seed: UInt64) throws {
        for variety in [RandomNetworks.Variety.none, .all] {
            try expectSameResult(of: try RandomNetworks.sequenceClassifier(seed: seed, variety: variety), seed: seed)
        }
    }

    @Test(arguments: 1...25)
    func `random residual networks have the result that they have when everything is observed`(seed: UInt64) throws {
        try expectSameResult(of: try complete(try ResidualNetworks.random(seed: seed), seed: seed), seed: seed)
    }

    @Test(arguments: [true, false])
    func `what is added to every position is added apart from batch normalization`(isNormalized: Bool) throws {
        // Of the two that are added, one has a single position; either may be the one that is normalized.
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 7), inputs: []),
            Network.Node("conv", Convolution1D(filters: 3, filterSize: 3, padding: .same), inputs: ["input"]),
            Network.Node("mean", GlobalAveragePooling(), inputs: ["conv"]),
            Network.Node("bn", BatchNormalization(), inputs: [isNormalized ? "mean" : "conv"]),
            Network.Node("add", Add(), inputs: ["bn", isNormalized ? "conv" : "mean"]),
            Network.Node("relu", ReLU(), inputs: ["add"]),
            Network.Node("flat", Flatten(), inputs: ["relu"]),
            Network.Node("fc", Dense(outputs: 3), inputs: ["flat"]),
        ])
        try expectSameResult(of: try complete(network, seed: 5), seed: 5)
    }

    @Test func `sequences of unequal length have the result that they have when everything is observed`() throws {
        let network = try complete(try ResidualNetworks.units([[3, 3], [4]], steps: 12), seed: 3)
        try expectSameResult(of: network, seed: 3, steps: [12, 3, 7, 1, 12, 9, 2, 5, 11])
    }

    @Test(arguments: [1, 2, 3, 5, 17, 40])
    func `any number of examples gives the same bytes on any number of threads`(count: Int) throws {
        let network = try complete(try ResidualNetworks.units([[4, 4], [6, 6]], steps: 20), seed: 9)
        let runs = try (1...3).map {
            try Run(network, observing: .result, isTraining: true, count: count, seed: 1, threads: $0, rounds: 3)
        }
        #expect(runs[1] == runs[0])
        #expect(runs[2] == runs[0])
    }

    @Test func `a training takes less memory when only the result is observed`() throws {
        let network = try complete(try ResidualNetworks.units([[8, 8, 8], [16, 16]], steps: 64), seed: 1)
        func floats(_ purpose: CompiledNetwork.Purpose, _ observation: CompiledNetwork.Observation) throws -> Int {
            try CompiledNetwork(
                network, batchCapacity: 8, purpose: purpose, observing: observation, pool: WorkerPool(threads: 1)
            ).valueAndGradientCount
        }
        // With values and gradients of all nodes; a block is 8 examples of 8 channels of 64 steps.
        let everything = try floats(.training, .everything)
        let result = try floats(.training, .result)
        #expect(2 * result < everything, "\(result) of \(everything) floats")
        // Forward only, a value is gone after its last reader.
        let inference = try (floats(.inference, .result), floats(.inference, .everything))
        #expect(4 * inference.0 < inference.1, "\(inference.0) of \(inference.1) floats")
    }

    @Test(
        .enabled(if: allocations_of_this_thread() >= 0, "heap allocations are counted on glibc"),
        arguments: [1, 2])
    func `a step of a residual network allocates nothing`(threads: Int) throws {
        let network = try complete(try ResidualNetworks.units([[4, 4], [6]], steps: 20), seed: 9)
        let compiled = try CompiledNetwork(
            network, batchCapacity: 32, purpose: .training, observing: .result, pool: WorkerPool(threads: threads))
        let input = SeededGenerator.values(32 * network.shapes[0].count, seed: 1)
        let velocity = FloatBuffer(count: compiled.learnables.count)
        let norms = FloatBuffer(count: compiled.learnableBlockCount)
        let (learnables, gradients) = (compiled.learnables, compiled.learnableGradients)
        let norm = compiled.learnableTask { block, range in
            norms[block] = range.reduce(0) { $0 + gradients[$1] * gradients[$1] }
        }
        let update = compiled.learnableTask { _, range in
            for index in range {
                velocity[index] = 0.9 * velocity[index] - 0.01 * gradients[index]
                learnables[index] += velocity[index]
            }
        }
        func step(_ number: Int) {
            compiled.setInput(input, count: 32)
            compiled.forward(count: 32, mode: .training(dropoutSeed: 1, step: number))
            compiled.gradient(of: compiled.logits).fill(0.1)
            compiled.backward(from: compiled.logits, count: 32, then: norm)
            compiled.run(update)
        }
        step(0)
        let before = allocations_of_this_thread()
        for number in 1...10 { step(number) }
        #expect(allocations_of_this_thread() - before == 0)
    }

    @Test func `blocks of learnables cover each of them once, with gradients summed before`() throws {
        let network = try complete(
            try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 30, steps: 40), inputs: []),
                Network.Node("flat", Flatten(), inputs: ["input"]),
                Network.Node("fc", Dense(outputs: 15), inputs: ["flat"]),
            ]), seed: 2)
        let compiled = try CompiledNetwork(
            network, batchCapacity: 5, purpose: .training, observing: .result, pool: WorkerPool(threads: 3))
        #expect(compiled.learnableBlockCount == 3)
        let (sums, visits) = (FloatBuffer(count: 18_015), FloatBuffer(count: 18_015))
        let gradients = compiled.learnableGradients
        let task = compiled.learnableTask { block, range in
            for index in range {
                sums[index] = gradients[index]
                visits[index] += Float(block + 1)
            }
        }
        compiled.setInput(SeededGenerator.values(5 * 1_200, seed: 1), count: 5)
        compiled.forward(count: 5, mode: .inference)
        compiled.gradient(of: "fc").fill(1)
        compiled.backward(from: "fc", count: 5, then: task)
        #expect(sums.array == gradients.array)
        #expect(sums.array.contains { $0 != 0 })
        #expect(Set(visits.array) == [1, 2, 3])
        compiled.run(task)
        #expect(Set(visits.array) == [2, 4, 6])
        compiled.backward(from: "fc", count: 5)
        #expect(sums.array == gradients.array)
    }

    @Test func `a network that learns nothing before its output has no gradients to compute`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 4), inputs: []),
            Network.Node("relu", ReLU(), inputs: ["input"]),
        ])
        let compiled = try CompiledNetwork(
            network, batchCapacity: 1, purpose: .inference, observing: .result, pool: WorkerPool(threads: 1))
        compiled.setInput([1, -1, 2, -0.5], count: 1)
        compiled.forward(count: 1, mode: .inference)
        #expect(compiled.values(of: "relu").array == [1, 0, 2, 0])
        // The input is as it was set: a second pass sees the same.
        compiled.forward(count: 1, mode: .inference)
        #expect(compiled.values(of: "relu").array == [1, 0, 2, 0])
    }

    @Test func `what is not observed cannot be looked at`() async {
        await #expect(processExitsWith: .failure) {
            let network = try complete(try ResidualNetworks.units([[2]], steps: 4), seed: 1)
            let compiled = try CompiledNetwork(
                network, batchCapacity: 1, purpose: .inference, observing: .result, pool: WorkerPool(threads: 1))
            _ = compiled.values(of: network.nodes[1].name)
        }
    }
}

// MARK: - Comparing

extension ResultTests {
    /// What a few steps of gradient descent leave.
    private struct Run: Equatable {
        var logits: [Float] = []
        var gradients: [Float] = []
        var states: [Float] = []
        var learnables: [Float] = []

        init(
            _ network: Network, observing observation: CompiledNetwork.Observation, isTraining: Bool, count: Int,
            seed: UInt64, threads: Int, rounds: Int = 1, steps: [Int]? = nil
        ) throws {
            let compiled = try CompiledNetwork(
                network, batchCapacity: count, purpose: .training, observing: observation,
                pool: WorkerPool(threads: threads))
            let velocity = FloatBuffer(count: compiled.learnables.count)
            let results = compiled.values(of: compiled.logits)
            for round in 0..<rounds {
                let input = SeededGenerator.values(count * network.shapes[0].count, seed: seed + UInt64(round))
                compiled.setInput(count: count, steps: steps) { target in
                    for (index, element) in input.enumerated() { target[index] = element }
                }
                compiled.forward(
                    count: count, mode: isTraining ? .training(dropoutSeed: seed, step: round) : .inference)
                logits = results.array
                compiled.gradient(of: compiled.logits).copy(
                    from: SeededGenerator.values(results.count, seed: seed + UInt64(100 + round)))
                compiled.backward(from: compiled.logits, count: count)
                SolverKernels.sgdm(
                    compiled.learnables, gradients: compiled.learnableGradients, velocity: velocity, learnRate: 0.01)
            }
            gradients = compiled.learnableGradients.array
            states = compiled.states.array
            learnables = compiled.learnables.array
        }
    }

    /// Compares a run of the whole with one of the result alone, up to the rounding of fused kernels.
    private func expectSameResult(
        of network: Network, seed: UInt64, steps: [Int]? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let count = steps?.count ?? 5
        for isTraining in [true, false] {
            func run(_ observation: CompiledNetwork.Observation, threads: Int) throws -> Run {
                try Run(
                    network, observing: observation, isTraining: isTraining, count: count, seed: seed, threads: threads,
                    steps: steps)
            }
            let (whole, result) = (try run(.everything, threads: 1), try run(.result, threads: 2))
            #expect(try run(.result, threads: 1) == result, sourceLocation: sourceLocation)
            let about = "seed \(seed), \(isTraining ? "training" : "inference")"
            for (actual, expected, what) in [
                (result.logits, whole.logits, "logits"), (result.gradients, whole.gradients, "gradients"),
                (result.states, whole.states, "states"),
            ] {
                let scale = Double(expected.map(abs).max() ?? 0)
                expectClose(
                    actual, expected.map(Double.init), shape: nil, relative: 1e-5, absolute: 1e-5 * max(scale, 0.1),
                    "\(about): \(what)", sourceLocation: sourceLocation)
            }
        }
    }
}
