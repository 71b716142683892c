import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Simple layers on sequences of unequal length: a sequence in a batch of longer ones gives what it gives alone.
@Suite struct SimpleLayerStepsTests {
    static let longest = 9
    static let lengths = [9, 4, 7, 5, 4]

    static let layers: [any Layer] =
        SimpleLayerTests.elementwise + [
            LayerNormalization(), LayerNormalization(over: .channels), GroupNormalization(groups: 2),
            GroupNormalization(groups: 4), Softmax(), MaxPooling1D(size: 3, stride: 2),
            MaxPooling1D(size: 3, stride: 1, padding: .same), AveragePooling1D(size: 3, stride: 1, padding: .same),
            AveragePooling1D(size: 2), GlobalAveragePooling(), GlobalMaxPooling(),
            Slice(axis: .steps, start: 1, length: 3), Slice(axis: .channels, start: 1, length: 2),
            Pad(amounts: [2, 1], channels: [1, 0]), Dropout(probability: 0.3),
        ]

    @Test(arguments: layers.indices)
    func `a layer gives a sequence what it gives it alone`(index: Int) throws {
        try expectAlone { try networkAround(Self.layers[index], inputs: [[4, $0]]) }
    }

    @Test func `a slice of steps ends where its sequence ends`() throws {
        let slice = Slice(axis: .steps, start: 1, length: 5)
        let steps = try [9, 6, 4, 1].map { try slice.steps(of: [$0], shapes: [[4, 9]], output: [4, 5]) }
        #expect(steps == [5, 5, 3, 0])
    }

    @Test func `steps of sequences follow each other`() throws {
        try expectAlone { steps in
            try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 4, steps: steps), inputs: []),
                Network.Node("half", AveragePooling1D(size: 2), inputs: ["input"]),
                Network.Node("layer", Concatenate(axis: .steps), inputs: ["half", "input", "half"]),
            ])
        }
    }

    @Test func `channels are scaled by what has no steps`() throws {
        for layer in [Multiply(), Subtract(), Add()] as [any Layer] {
            try expectAlone { steps in
                try Network(nodes: [
                    Network.Node("input", SequenceInput(channels: 4, steps: steps), inputs: []),
                    Network.Node("mean", GlobalAveragePooling(), inputs: ["input"]),
                    Network.Node("layer", layer, inputs: ["input", "mean"]),
                ])
            }
        }
    }

    /// Compares values, and gradients of the input and of learnables, of a batch with those of its sequences one by one.
    private func expectAlone(_ network: (_ steps: Int) throws -> Network) throws {
        let (longest, lengths, channels) = (Self.longest, Self.lengths, 4)
        let whole = try RandomNetworks.randomized(try network(longest), seed: 2)
        var random = SeededGenerator(seed: 9)
        // Padding starts as something that must not be seen.
        let examples = random.spaced(lengths.count * channels * longest)
        let compiled = try CompiledNetwork(
            whole, batchCapacity: lengths.count, purpose: .training, pool: WorkerPool(threads: 1))
        compiled.setInput(count: lengths.count, steps: lengths) { $0.update(from: examples, count: examples.count) }
        compiled.forward(count: lengths.count, mode: .inference)
        let shape = try #require(whole.shape(of: "layer"))
        let weights = random.signed(lengths.count * shape.count)
        compiled.gradient(of: "layer").copy(from: weights)
        compiled.backward(from: "layer", count: lengths.count)
        var learnables = [Float](repeating: 0, count: compiled.learnables.count)
        for (example, steps) in lengths.enumerated() {
            let alone = try Network(nodes: try network(steps).nodes, parameters: whole.parameters)
            let single = try CompiledNetwork(
                alone, batchCapacity: 1, purpose: .training, pool: WorkerPool(threads: 1))
            single.setInput(cut(examples, example, [channels, longest], to: steps), count: 1)
            single.forward(count: 1, mode: .inference)
            let own = try #require(alone.shape(of: "layer"))
            single.gradient(of: "layer").copy(from: cut(weights, example, shape, to: own.rank == 2 ? own[1] : nil))
            single.backward(from: "layer", count: 1)
            let about = "\(whole.node("layer")?.layer.kind ?? ""), \(steps) steps"
            func check(_ batch: FloatBuffer, _ shape: Shape, _ one: FloatBuffer, _ own: Shape) {
                let valid = own.rank == 2 ? own[1] : nil
                let values = cut(batch.array, example, shape, to: valid)
                expectClose(values, one.array.map(Double.init), relative: 1e-6, absolute: 1e-6, about)
                // Whatever is not of the sequence is exactly zero.
                let all = batch.array[example * shape.count..<(example + 1) * shape.count]
                #expect(all.count { $0 != 0 } == values.count { $0 != 0 }, "\(about): padding is not zero")
            }
            check(compiled.values(of: "layer"), shape, single.values(of: "layer"), own)
            check(
                compiled.gradient(of: "input"), [channels, longest], single.gradient(of: "input"), [channels, steps])
            for (index, gradient) in single.learnableGradients.array.enumerated() { learnables[index] += gradient }
        }
        expectClose(
            compiled.learnableGradients.array, learnables.map(Double.init), relative: 1e-5, absolute: 1e-5,
            "gradients of learnables")
    }

    /// One example of a batch, the first steps of each of its channels.
    private func cut(_ batch: [Float], _ example: Int, _ shape: Shape, to steps: Int?) -> [Float] {
        let elements = Array(batch[example * shape.count..<(example + 1) * shape.count])
        guard shape.rank == 2, let steps else { return elements }
        return (0..<shape[0]).flatMap { elements[$0 * shape[1]..<$0 * shape[1] + steps] }
    }
}
