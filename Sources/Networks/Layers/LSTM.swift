package import Kernels

/// Long short-term memory.
///
/// Hochreiter and Schmidhuber 1997; with the forget gate of Gers et al. 2000.
///
/// With the input x of a step, the hidden state h and the cell state c before it, and `s(gate)` for the gate's rows of
/// `inputWeights x + recurrentWeights h + bias`, in the order i, f, g, o:
///
///     i = sigmoid(s(i)), f = sigmoid(s(f)), g = tanh(s(g)), o = sigmoid(s(o))
///     c' = f * c + i * g
///     h' = o * tanh(c')
///
/// That is `torch.nn.LSTM` with `bias` as the sum of its two biases, and the field's `lstmLayer` with its default
/// functions. A given initial state is `initialHidden` and `initialCell`. There are no peepholes.
package struct LSTM: RecurrentLayer {
    package static let kind = "lstm"
    package static let directions = 1
    /// One for the forget gate, so that a new layer remembers.
    package static let firstBias: [Float] = [0, 1, 0, 0]

    package var units: Int
    package var outputMode: RecurrentOutputMode
    package var initialState: InitialState
    package var projectors: RecurrentProjectors

    package init(
        units: Int, outputMode: RecurrentOutputMode = .sequence, initialState: InitialState = .zeros,
        projectors: RecurrentProjectors = .none
    ) {
        self.units = units
        self.outputMode = outputMode
        self.initialState = initialState
        self.projectors = projectors
    }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        units = try attributes.integer("units")
        outputMode = try attributes.choice("outputMode", default: .sequence)
        initialState = try attributes.choice("initialState", default: .zeros)
        projectors = try attributes.recurrentProjectors()
    }

    package var cell: RecurrentKernel.Cell { .lstm }
}
