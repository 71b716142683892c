package import Training

/// How weights are set to zero.
package struct SparsificationOptions: Hashable, Sendable {
    package enum Criterion: String, Codable, Hashable, Sendable, CaseIterable {
        /// The magnitude of the weight.
        case magnitude
        /// The flow through the weight; see ``SynapticFlow``.
        case synflow
    }

    /// Patterns for layer names; `nil` for every layer with weights.
    package var layerNames: [String]?
    package var criterion = Criterion.magnitude
    /// The share of the weights of all these layers that is zero in the end, from 0 to 1.
    package var sparsity = 0.5
    /// In how many rounds `synflow` gets there: after round `k` of `n` a part `(1 - sparsity)^(k / n)` is left, and the
    /// scores are taken anew.
    package var iterations = 100
    /// The training afterwards, in which zeros stay zero.
    package var retrain: TrainingOptions?

    package init() {}
}

extension SparsificationOptions {
    /// - Throws: ``CompressionError`` with code `invalidOption`.
    func check() throws(CompressionError) {
        guard (0...1).contains(sparsity) else {
            throw CompressionError(.invalidOption, "'sparsity' is \(sparsity); expected from 0 to 1")
        }
        guard iterations >= 1 else {
            throw CompressionError(.invalidOption, "'iterations' is \(iterations); expected 1 or more")
        }
    }
}
