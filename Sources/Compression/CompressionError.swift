/// Why a network cannot be compressed as asked.
package struct CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// A layer, or a place of it in the graph, that the method does not cover.
        case unsupportedLayer = "unsupported-layer"
        /// Parameters that are missing, or of another shape or type than the method needs.
        case invalidNetwork = "invalid-network"
        /// Data that do not fit the network, or hold nothing to learn from.
        case invalidData = "invalid-data"
        /// An activation, score or statistic that is infinite or NaN.
        case nonFiniteValue = "non-finite-value"
        /// An integer accumulator that could overflow.
        case accumulatorOverflow = "accumulator-overflow"
        /// A file of a compressed network that is damaged or of another form.
        case invalidFile = "invalid-file"
        /// A pattern for layer names that matches no layer that the method applies to.
        case unmatchedPattern = "unmatched-pattern"
        /// A network without any part that the method applies to.
        case notApplicable = "not-applicable"
        /// An option that is out of its range, or that needs data that are not there.
        case invalidOption = "invalid-option"
        /// A checkpoint that this computation did not write.
        case invalidCheckpoint = "invalid-checkpoint"
    }

    package let code: Code
    package let message: String
    /// The layer at fault, if it is one layer's.
    package let layer: String?

    package init(_ code: Code, layer: String? = nil, _ message: String) {
        self.code = code
        self.layer = layer
        self.message = message
    }

    package var description: String {
        if let layer { "layer '\(layer)': \(message)" } else { message }
    }
}
