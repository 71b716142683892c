package import Kernels

/// An ``LSTM`` that runs both ways (Graves and Schmidhuber 2005): `[channels, steps]` to `[2 * units, steps]`.
package struct BiLSTM: RecurrentLayer {
    package static let kind = "bilstm"
    package static let directions = 2
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
