package import Kernels

/// Gated recurrent unit.
///
/// Cho et al. 2014.
///
/// With the input x of a step, the hidden state h before it, and W, R, b for the gate's rows of `inputWeights`,
/// `recurrentWeights` and `bias`, in the order r, z, n:
///
///     r = sigmoid(W(r) x + R(r) h + b(r)), z = sigmoid(W(z) x + R(z) h + b(z))
///     n = tanh(W(n) x + b(n) + R(n) (r * h))                      with the reset gate before the product
///     n = tanh(W(n) x + b(n) + r * (R(n) h + recurrentBias))      with the reset gate after it
///     h' = (1 - z) * n + z * h
///
/// Before is the field's `ResetGateMode` `before-multiplication`. After is its `recurrent-bias-after-multiplication`,
/// that of cuDNN and `torch.nn.GRU` (`bias` is the sum of both its biases for r and z, and that of the input for n,
/// `recurrentBias` that of the hidden state for n); with a `recurrentBias` of zero it is `after-multiplication`.
package struct GRU: RecurrentLayer {
    package static let kind = "gru"
    package static let directions = 1
    package static let firstBias: [Float] = [0, 0, 0]

    package var units: Int
    package var outputMode: RecurrentOutputMode
    package var initialState: InitialState
    package var resetGate: ResetGate
    package var projectors: RecurrentProjectors

    package init(
        units: Int, outputMode: RecurrentOutputMode = .sequence, initialState: InitialState = .zeros,
        resetGate: ResetGate = .after, projectors: RecurrentProjectors = .none
    ) {
        self.units = units
        self.outputMode = outputMode
        self.initialState = initialState
        self.resetGate = resetGate
        self.projectors = projectors
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        units = try attributes.integer("units")
        outputMode = try attributes.choice("outputMode", default: .sequence)
        initialState = try attributes.choice("initialState", default: .zeros)
        resetGate = try attributes.choice("resetGate", default: .after)
        projectors = try attributes.recurrentProjectors()
    }

    package var attributes: [String: Attribute] {
        recurrentAttributes.merging(["resetGate": .text(resetGate.rawValue)]) { _, own in own }
    }

    package var cell: RecurrentKernel.Cell { resetGate.cell }
}

/// Whether the reset gate of a GRU multiplies the hidden state before or after the recurrent weights do.
package enum ResetGate: String, Hashable, Sendable, CaseIterable {
    case before
    case after

    var cell: RecurrentKernel.Cell { self == .before ? .gruResetBefore : .gruResetAfter }
}
