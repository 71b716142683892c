import Kernels
import Networks
import Tensors
import Testing

@Suite struct StatePeakTests {
    /// All gates are open and the candidate is one, so that the cell grows by one a step from where it starts.
    @Test func `the cell of an LSTM is observed over the steps that each sequence has`() throws {
        func layer<Layer: RecurrentLayer>(_ layer: Layer, _ initialCell: [Float]) throws -> Network {
            let directions = Layer.directions
            return try Network(
                nodes: [
                    Network.Node("input", SequenceInput(channels: 1, steps: 12), inputs: []),
                    Network.Node("layer", layer, inputs: ["input"]),
                ],
                parameters: [
                    "layer.inputWeights": Tensor(repeating: 0, shape: [4 * directions, 1]),
                    "layer.recurrentWeights": Tensor(repeating: 0, shape: [4 * directions, 1]),
                    "layer.bias": Tensor(repeating: 30, shape: [4 * directions]),
                    "layer.initialHidden": Tensor(repeating: 0, shape: [directions]),
                    "layer.initialCell": Tensor(initialCell),
                ])
        }
        func peak(_ network: Network, steps: [Int]) throws -> Float {
            let compiled = try CompiledNetwork(
                network, batchCapacity: steps.count, purpose: .inference, pool: WorkerPool(threads: 1))
            compiled.setInput(count: steps.count, steps: steps) { $0.update(repeating: 0, count: 12 * steps.count) }
            compiled.forward(count: steps.count, mode: .inference)
            #expect(compiled.statePeak(of: "input") == 0)
            return compiled.statePeak(of: "layer")
        }
        let forward = try layer(LSTM(units: 1, outputMode: .last, initialState: .given), [2])
        #expect(try abs(peak(forward, steps: [12, 12, 3]) - 14) < 1e-3)
        #expect(try abs(peak(forward, steps: [5, 2, 3, 4, 1, 5, 2, 2, 3]) - 7) < 1e-3)
        let both = try layer(BiLSTM(units: 1, initialState: .given), [0, -20])
        #expect(try abs(peak(both, steps: [4, 12]) - 20) < 1e-3)
    }

    @Test func `a GRU has no state that its output does not show`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 5), inputs: []),
            Network.Node("layer", GRU(units: 3), inputs: ["input"]),
        ]).initialized(seed: 1, stream: "test")
        let compiled = try CompiledNetwork(
            network, batchCapacity: 2, purpose: .inference, pool: WorkerPool(threads: 1))
        compiled.setInput(Array(repeating: 1, count: 20), count: 2)
        compiled.forward(count: 2, mode: .inference)
        #expect(compiled.statePeak(of: "layer") == 0)
    }
}
