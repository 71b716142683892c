import Foundation
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Recurrent layers against PyTorch's, also with sequences of unequal length; `Tests/References/recurrent.py` writes
/// the numbers.
@Suite struct TorchRecurrentTests {
    private struct Reference: Decodable {
        struct Case: Decodable {
            var kind: String
            var lengths: [Int]
            var input: [Float]
            var weights: [Float]
            var parameters: [String: [Float]]
            var output: [Double]
            var last: [Double]
            var gradients: [String: [Double]]
            var inputGradient: [Double]
        }
        var cases: [Case]

        init() throws {
            let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            let data = try Data(contentsOf: tests.appending(path: "References/recurrent.json"))
            self = try JSONDecoder().decode(Reference.self, from: data)
        }
    }

    private static func compiled(_ reference: Reference.Case, _ mode: String) throws -> CompiledNetwork {
        let layer = try LayerKinds.layer(kind: reference.kind, attributes: ["units": 3, "outputMode": .text(mode)])
        var network = try networkAround(layer, inputs: [[2, 5]])
        var tensors: [String: Tensor] = [:]
        for (name, specification) in network.specifications {
            tensors[name] = Tensor(
                try #require(reference.parameters[specification.name]), shape: specification.shape)
        }
        try network.setParameters(tensors)
        let compiled = try CompiledNetwork(
            network, batchCapacity: 3, purpose: .training, pool: WorkerPool(threads: 2))
        compiled.setInput(count: 3, steps: reference.lengths) { target in
            for (index, value) in reference.input.enumerated() { target[index] = value }
        }
        compiled.forward(count: 3, mode: .training(dropoutSeed: 0, step: 0))
        return compiled
    }

    @Test func `output and gradients are PyTorch's`() throws {
        let cases = try Reference().cases
        #expect(cases.map(\.kind) == ["lstm", "bilstm", "gru", "bigru", "lstm", "bilstm", "gru", "bigru"])
        for reference in cases {
            let about = "\(reference.kind) \(reference.lengths)"
            let compiled = try Self.compiled(reference, "sequence")
            expectClose(compiled.values(of: "layer").array, reference.output, absolute: 1e-6, about)
            compiled.gradient(of: "layer").copy(from: reference.weights)
            compiled.backward(from: "layer", count: 3)
            expectClose(compiled.gradient(of: "input").array, reference.inputGradient, absolute: 2e-6, about)
            var start = 0
            for (name, specification) in compiled.network.specifications {
                let count = specification.shape.count
                expectClose(
                    compiled.learnableGradients.array(in: start..<start + count),
                    try #require(reference.gradients[specification.name]), absolute: 5e-6, "\(about) \(name)")
                start += count
            }
        }
    }

    @Test func `the last output is PyTorch's last state`() throws {
        for reference in try Reference().cases {
            let compiled = try Self.compiled(reference, "last")
            expectClose(
                compiled.values(of: "layer").array, reference.last, absolute: 1e-6,
                "\(reference.kind) \(reference.lengths)")
        }
    }
}
