import AllocationCounter
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Sequences of unequal length in one batch: each means what it means alone, whatever stands behind it.
@Suite struct UnequalLengthTests {
    private static let length = 16

    /// A network, sequences of lengths that it can follow, and weights of its outputs in a loss.
    private struct Case {
        let network: Network
        let examples: [ReferenceValues]
        let weights: [[Float]]
        var steps: [Int] { examples.map { $0.shape[1] } }
        let seed: UInt64

        init(seed: UInt64, count: Int = 5) throws {
            self.seed = seed
            network = try RandomNetworks.unequalSequenceClassifier(seed: seed, length: length)
            var random = SeededGenerator(seed: seed)
            let channels = network.shapes[0][0]
            var examples: [ReferenceValues] = []
            for row in 0..<count {
                // The first is as long as the network reads, the second as short as it can be.
                var steps = row == 0 ? length : row == 1 ? 1 : 1 + Int(random.next() % UInt64(length))
                while (try? network.check(steps: [steps])) == nil { steps += 1 }
                let elements = random.spaced(channels * steps).map(Double.init)
                examples.append(ReferenceValues(shape: [channels, steps], examples: 1, elements: elements))
            }
            self.examples = examples
            weights = (0..<count).map { _ in random.signed(3) }
        }

        /// Sets the batch, with anything behind the sequences.
        func set(_ compiled: CompiledNetwork, padding: () -> Float) {
            compiled.setInput(count: examples.count, steps: steps) { target in
                var index = 0
                for example in examples {
                    for channel in 0..<example.shape[0] {
                        for step in 0..<length {
                            let isValid = step < example.shape[1]
                            target[index] =
                                isValid ? Float(example.elements[channel * example.shape[1] + step]) : padding()
                            index += 1
                        }
                    }
                }
            }
        }

        /// Forward and backward, as bits: values, gradients of learnables, states.
        func run(
            _ mode: CompiledNetwork.Mode, observing: CompiledNetwork.Observation = .everything, threads: Int = 1,
            padding: () -> Float = { 0 }
        ) throws -> CompiledNetwork {
            let compiled = try CompiledNetwork(
                network, batchCapacity: examples.count + 1, purpose: .training, observing: observing,
                pool: WorkerPool(threads: threads))
            set(compiled, padding: padding)
            compiled.forward(count: examples.count, mode: mode)
            compiled.gradient(of: compiled.logits).copy(from: weights.flatMap { $0 })
            compiled.backward(from: compiled.logits, count: examples.count)
            return compiled
        }
    }

    // MARK: - Against each sequence alone

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `a sequence among longer ones has the values that it has alone`(seed: UInt64) throws {
        let batch = try Case(seed: seed)
        let compiled = try batch.run(.inference, padding: { .nan })
        for (row, example) in batch.examples.enumerated() {
            let alone = try batch.network.reading(steps: example.shape[1])
            let single = try CompiledNetwork(
                alone, batchCapacity: 1, purpose: .inference, pool: WorkerPool(threads: 1))
            single.setInput(example.elements.map(Float.init), count: 1)
            single.forward(count: 1, mode: .inference)
            for (node, (shape, padded)) in zip(batch.network.nodes, zip(alone.shapes, batch.network.shapes)) {
                let values = compiled.values(of: node.name).array(in: row * padded.count..<(row + 1) * padded.count)
                let expected = single.values(of: node.name).array
                guard shape.rank == 2 else {
                    expectClose(values, expected.map(Double.init), absolute: 1e-5, "seed \(seed), \(node.name)")
                    continue
                }
                for channel in 0..<shape[0] {
                    let line = values[channel * padded[1]..<(channel + 1) * padded[1]]
                    expectClose(
                        Array(line.prefix(shape[1])),
                        expected[channel * shape[1]..<(channel + 1) * shape[1]].map(Double.init), absolute: 1e-5,
                        "seed \(seed), \(node.name)")
                    #expect(line.dropFirst(shape[1]).allSatisfy { $0 == 0 }, "seed \(seed), \(node.name): padding")
                }
            }
        }
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>, [false, true])
    func `gradients and states are those of sequences without padding`(seed: UInt64, isTraining: Bool) throws {
        let batch = try Case(seed: seed)
        // Dropout draws by the place of an element, which padding moves.
        guard !isTraining || !batch.network.nodes.contains(where: { $0.layer is Dropout }) else { return }
        let mode = isTraining ? CompiledNetwork.Mode.training(dropoutSeed: 1, step: 2) : .inference
        var reference = UnequalReference(
            batch.network, mode: isTraining ? .training(dropoutSeed: 1, step: 2) : .inference)
        let expected = try reference.gradients(
            weights: batch.weights.map { $0.map(Double.init) }, examples: batch.examples)
        let outputs = try reference.values(of: batch.examples, changesStates: isTraining)
        for observation in [CompiledNetwork.Observation.everything, .result] {
            let compiled = try batch.run(mode, observing: observation, padding: { .nan })
            // A gradient that a normalization behind the layer makes zero is what others leave when they cancel.
            let largest = expected.learnables.values.joined().map(abs).max() ?? 0
            func check(_ actual: [Float], _ expected: [Double], _ what: String, scale: Double? = nil) {
                let scale = scale ?? expected.map(abs).max() ?? 0
                expectClose(
                    actual, expected, relative: 1e-4, absolute: 1e-4 * max(scale, 0.1),
                    "seed \(seed), \(observation), \(isTraining ? "training" : "inference"): \(what)")
            }
            check(
                compiled.values(of: compiled.logits).array(in: 0..<3 * batch.examples.count),
                outputs[compiled.logits]?.flatMap(\.elements) ?? [], "output")
            var (learnable, state) = (0, 0)
            for (name, specification) in batch.network.specifications {
                let count = specification.shape.count
                if specification.role == .learnable {
                    check(
                        compiled.learnableGradients.array(in: learnable..<learnable + count),
                        expected.learnables[name] ?? [], name, scale: largest)
                    learnable += count
                } else if specification.role == .state {
                    check(compiled.states.array(in: state..<state + count), reference.parameters[name] ?? [], name)
                    state += count
                }
            }
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `the gradient of padding is zero and that of the sequences is theirs`(seed: UInt64) throws {
        let batch = try Case(seed: seed, count: 3)
        let compiled = try batch.run(.inference)
        let reference = UnequalReference(batch.network, mode: .inference)
        let weights = batch.weights.map { $0.map(Double.init) }
        let expected = try reference.gradients(weights: weights, examples: batch.examples).examples
        let gradient = compiled.gradient(of: "input").array
        for (row, example) in batch.examples.enumerated() {
            // The gradient of the normalized input times its slope.
            func constant(_ name: String) -> [Float]? { batch.network.parameters["input.\(name)"]?.floats }
            let isSymmetric = batch.network.inputs[0].layer.attributes["normalization"] == "rescale-symmetric"
            let extents = zip(constant("maximum") ?? [], constant("minimum") ?? []).map {
                ($0 - $1) / (isSymmetric ? 2 : 1)
            }
            let divisors = constant("deviation") ?? (extents.isEmpty ? nil : extents)
            for channel in 0..<example.shape[0] {
                let start = (row * example.shape[0] + channel) * Self.length
                let line = gradient[start..<start + Self.length].map { $0 / (divisors?[channel] ?? 1) }
                let steps = example.shape[1]
                expectClose(
                    Array(line.prefix(steps)), Array(expected[row][channel * steps..<(channel + 1) * steps]),
                    relative: 1e-4, absolute: 2e-4, "seed \(seed)")
                #expect(line.dropFirst(steps).allSatisfy { $0 == 0 }, "seed \(seed)")
            }
        }
    }

    // MARK: - Bits

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `neither what stands in the padding nor the number of threads changes a bit`(seed: UInt64) throws {
        let batch = try Case(seed: seed, count: 20)
        let mode = CompiledNetwork.Mode.training(dropoutSeed: 3, step: 4)
        var random = SeededGenerator(seed: seed)
        let paddings: [() -> Float] = [{ 0 }, { .nan }, { random.signed() * 1e30 }]
        for observation in [CompiledNetwork.Observation.everything, .result] {
            var runs: [[[UInt32]]] = []
            for (padding, threads) in zip(paddings, [1, 2, 3]) {
                let compiled = try batch.run(mode, observing: observation, threads: threads, padding: padding)
                runs.append(
                    [
                        compiled.values(of: compiled.logits).array(in: 0..<3 * batch.examples.count),
                        compiled.learnableGradients.array, compiled.states.array,
                    ].map { $0.map(\.bitPattern) })
            }
            #expect(runs[1] == runs[0], "seed \(seed)")
            #expect(runs[2] == runs[0], "seed \(seed)")
        }
    }

    @Test func `a batch of full length after one of unequal lengths is as if it were the first`() throws {
        let batch = try Case(seed: 4)
        let compiled = try batch.run(.inference)
        let input = SeededGenerator.values(2 * batch.network.shapes[0].count, seed: 1)
        compiled.setInput(input, count: 2)
        compiled.forward(count: 2, mode: .inference)
        #expect(compiled.values(of: compiled.logits).array(in: 0..<6) == (try forward(batch.network, input, count: 2)))
    }

    @Test(.enabled(if: allocations_of_this_thread() >= 0, "heap allocations are counted on glibc"))
    func `a step on a batch of unequal lengths allocates nothing after the first`() throws {
        let batch = try Case(seed: 7)
        let compiled = try batch.run(.training(dropoutSeed: 1, step: 0))
        let steps = batch.steps
        let before = allocations_of_this_thread()
        for step in 1...5 {
            compiled.setInput(count: steps.count, steps: steps) { $0[0] = Float(step) }
            compiled.forward(count: steps.count, mode: .training(dropoutSeed: 1, step: step))
            compiled.backward(from: compiled.logits, count: steps.count)
        }
        #expect(allocations_of_this_thread() - before == 0)
    }

    // MARK: - Strides

    /// Padding by 'same' at a stride above one depends on the length: all are padded in front as the longest is.
    @Test func `'same' with a stride pads a shorter sequence in front as the longest`() throws {
        let network = try RandomNetworks.randomized(
            try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 8), inputs: []),
                Network.Node(
                    "conv", Convolution1D(filters: 1, filterSize: 3, stride: 2, padding: .same), inputs: ["input"]),
            ]), seed: 1)
        let compiled = try CompiledNetwork(
            network, batchCapacity: 1, purpose: .inference, pool: WorkerPool(threads: 1))
        compiled.setInput(count: 1, steps: [5]) { target in
            for step in 0..<8 { target[step] = step < 5 ? Float(step + 1) : .nan }
        }
        compiled.forward(count: 1, mode: .inference)
        let whole = try forward(network, [1, 2, 3, 4, 5, 0, 0, 0], count: 1)
        #expect(compiled.values(of: "conv").array == Array(whole.prefix(3)) + [0])
    }

    // MARK: - What cannot follow

    private static let refusals: [(layers: [Network.Node], steps: [Int], message: String?)] = [
        ([Network.Node("conv", Convolution1D(filters: 1, filterSize: 3), inputs: ["input"])], [8, 3], nil),
        (
            [Network.Node("flat", Flatten(), inputs: ["input"])], [8, 8], nil
        ),
        (
            [Network.Node("flat", Flatten(), inputs: ["input"])], [8, 7],
            "layer 'flat': 'flatten' makes 16 of every step of 2 x 8, padding included; "
                + "put a global pooling or a recurrent layer with the last step as output before it"
        ),
        ([], [8, 9], "layer 'input': reads sequences of 1 to 8 steps; example 1 has 9"),
        ([], [0, 8], "layer 'input': reads sequences of 1 to 8 steps; example 0 has 0"),
        (
            [
                Network.Node("a", Convolution1D(filters: 1, filterSize: 3), inputs: ["input"]),
                Network.Node("b", MaxPooling1D(size: 2, stride: 1), inputs: ["a"]),
            ], [8, 3],
            "layer 'b': is left no step of a sequence of 3; drop sequences of fewer than 4 steps, "
                + "or pad by 'padding: same'"
        ),
        (
            [
                Network.Node("a", Convolution1D(filters: 2, filterSize: 1, stride: 2), inputs: ["input"]),
                Network.Node("b", Convolution1D(filters: 2, filterSize: 2, stride: 2), inputs: ["input"]),
                Network.Node("sum", Add(), inputs: ["a", "b"]),
            ], [8, 7],
            "layer 'sum': its inputs have 4 and 3 steps for one sequence, and as many for the longest; "
                + "let them have one stride and padding"
        ),
    ]

    @Test(arguments: refusals.indices)
    func `what cannot follow unequal lengths names the layer and the remedy`(index: Int) throws {
        let (layers, steps, expected) = Self.refusals[index]
        let network = try Network(
            nodes: [Network.Node("input", SequenceInput(channels: 2, steps: 8), inputs: [])] + layers)
        #expect(message(of: network, steps) == expected)
    }

    @Test func `images have no steps`() throws {
        let network = try Network(nodes: [
            Network.Node("image", ImageInput(height: 4, width: 4, channels: 1), inputs: [])
        ])
        #expect(
            message(of: network, [4])
                == "layer 'image': reads 1 x 4 x 4, which has no steps; sequences of unequal length need a 'sequenceInput'"
        )
    }

    private func message(of network: Network, _ steps: [Int]) -> String? {
        do {
            try network.check(steps: steps)
            return nil
        } catch { return error.description }
    }
}
