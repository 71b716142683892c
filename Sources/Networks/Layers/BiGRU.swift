package import Kernels

/// A ``GRU`` that runs both ways: `[channels, steps]` to `[2 * units, steps]`.
package struct BiGRU: RecurrentLayer {
    package static let kind = "bigru"
    package static let directions = 2
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
