import Kernels
import Networks
import Tensors
import Testing

@Suite struct RoundingTests {
    private static let values: [Float] = [-9, -2.2, -0.75, -0.74, 0, 0.25, 0.74, 0.75, 1.5, 1.8, 2, 40, 0.1]

    private static func compiled(_ purpose: CompiledNetwork.Purpose) throws -> CompiledNetwork {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: values.count), inputs: []),
                Network.Node("slope", PReLU(), inputs: ["input"]),
                Network.Node("rounded", Rounding(step: 0.5, bounds: -3...4), inputs: ["slope"]),
            ], parameters: ["slope.slope": Tensor([1])])
        return try CompiledNetwork(network, batchCapacity: 1, purpose: purpose, pool: WorkerPool(threads: 1))
    }

    @Test func `values go to the nearest whole step within the bounds, halves away from zero`() throws {
        let compiled = try Self.compiled(.inference)
        compiled.setInput(Self.values, count: 1)
        compiled.forward(count: 1, mode: .inference)
        #expect(
            compiled.values(of: "rounded").array == [-1.5, -1.5, -1, -0.5, 0, 0.5, 0.5, 1, 1.5, 2, 2, 2, 0])
        compiled.setInput([.nan] + Self.values.dropFirst(), count: 1)
        compiled.forward(count: 1, mode: .inference)
        #expect(compiled.values(of: "rounded")[0].isNaN)
    }

    @Test func `gradients pass but where a value was cut off`() throws {
        let compiled = try Self.compiled(.training)
        compiled.setInput(Self.values, count: 1)
        compiled.forward(count: 1, mode: .training(dropoutSeed: 0, step: 1))
        compiled.gradient(of: "rounded").copy(from: Self.values.indices.map { Float($0 + 1) })
        compiled.backward(from: "rounded", count: 1)
        #expect(compiled.gradient(of: "slope").array == [0, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 13])
    }
}
