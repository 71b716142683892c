import Compression
import Networks
import Tensors
import Testing

/// Layers whose integer form does not cover every place and parameter.
@Suite struct IntegerRefusalTests {
    private static let unit = ActivationQuantization(scale: .real(1), zeroPoint: 0)

    private func refusal(
        of layer: any IntegerLayer, inputs: [[Int]], output: [Int], tensors: [String: Tensor] = [:]
    ) -> String {
        let place = IntegerPlace(
            node: Network.Node("l", layer, inputs: inputs.indices.map(String.init)),
            inputShapes: inputs.map { Shape($0) }, outputShape: Shape(output), inputs: inputs.map { _ in Self.unit },
            output: Self.unit, tensors: tensors)
        do {
            _ = try layer.integerOperation(in: place)
            return "none"
        } catch { return error.description }
    }

    @Test func `what would not fit 32 bits is refused with the numbers`() {
        #expect(
            refusal(of: Add(), inputs: Array(repeating: [2], count: 16), output: [2])
                == "layer 'l': adds 16 inputs; at most 15 fit a 32-bit accumulator")
        #expect(
            refusal(of: Multiply(), inputs: Array(repeating: [2], count: 4), output: [2])
                == "layer 'l': multiplies 4 inputs; at most 3 fit a 32-bit accumulator")
        let weights = Tensor(shape: [4, 600], storage: .int8(Array(repeating: 127, count: 2_400)))
        let tensors = [
            "inputWeights": Tensor(shape: [4, 1], storage: .int8([1, 1, 1, 1])), "inputWeights.scale": Tensor([1]),
            "recurrentWeights": weights, "recurrentWeights.scale": Tensor([1]),
            "cell.exponent": Tensor(shape: [1], storage: .int8([-12])),
        ]
        #expect(
            refusal(of: LSTM(units: 1), inputs: [[1, 3]], output: [1, 3], tensors: tensors)
                == "layer 'l': its sums can reach 2496921600, beyond the 2147483647 of a 32-bit accumulator; "
                + "give it fewer units")
    }

    @Test func `memory is that of what the filter reaches, and bounded`() {
        func refusal(filterSize: Int, dilation: Int) -> String {
            let layer = Convolution2D(
                filters: 1, filterSize: [filterSize, filterSize], stride: [30_000, 30_000],
                dilation: [dilation, dilation])
            return self.refusal(
                of: layer, inputs: [[1, 30_001, 30_001]], output: [1, 1, 1],
                tensors: [
                    "weights": Tensor(
                        shape: [1, 1, filterSize, filterSize],
                        storage: .int8(Array(repeating: 1, count: filterSize * filterSize))),
                    "weights.scale": Tensor([1]),
                ])
        }
        #expect(refusal(filterSize: 1, dilation: 1) == "none")
        #expect(refusal(filterSize: 3, dilation: 1) == "none")
        #expect(
            refusal(filterSize: 2, dilation: 30_000)
                == "layer 'l': needs more than 256 MiB to lay out its input as integers; lower its padding or dilation, "
                + "or keep it in float32")
    }

    @Test func `states beyond what int16 holds are refused`() {
        func refusal(exponent: Int8, hidden: Float) -> String {
            self.refusal(
                of: LSTM(units: 1, initialState: .given), inputs: [[1, 3]], output: [1, 3],
                tensors: [
                    "inputWeights": Tensor(shape: [4, 1], storage: .int8([1, 1, 1, 1])),
                    "inputWeights.scale": Tensor([1]),
                    "recurrentWeights": Tensor(shape: [4, 1], storage: .int8([1, 1, 1, 1])),
                    "recurrentWeights.scale": Tensor([1]), "initialHidden": Tensor([hidden]),
                    "initialCell": Tensor([3]), "cell.exponent": Tensor(shape: [1], storage: .int8([exponent])),
                ])
        }
        #expect(refusal(exponent: -12, hidden: 1) == "none")
        #expect(
            refusal(exponent: -12, hidden: 1.5)
                == "layer 'l': starts from a hidden state of 1.5, which in int8 is from -1 to 1; keep it in float32")
        #expect(
            refusal(exponent: -16, hidden: 0)
                == "layer 'l': its cell is in steps of 2^-16; expected 2^-15 to 2^30")
    }
}
