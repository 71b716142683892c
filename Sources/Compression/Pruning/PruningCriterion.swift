/// What makes a filter worth keeping; filters of the lowest score go first.
package enum PruningCriterion: String, Hashable, Sendable, CaseIterable, Codable {
    /// `|sum over positions of activation * gradient|`, averaged over examples (after Molchanov et al. 2016).
    case taylor
    /// `(sum over the filter's learnables of weight * gradient)^2`, averaged over batches (Molchanov et al. 2019).
    case taylorWeight = "taylor-weight"
    /// The Euclidean norm of the filter's weights.
    case magnitude
    /// The magnitude of the filter's scale in the batch normalization behind it (Liu et al. 2017).
    case batchNormScale = "batch-norm-scale"
    /// A number drawn at random: the baseline that any other criterion must beat.
    case random
}

/// How the scores of one layer are made comparable with those of the others.
package enum ScoreNormalization: String, Hashable, Sendable, CaseIterable, Codable {
    case none
    /// Divides by the Euclidean norm of the layer's scores.
    case l2
    /// Divides by the mean of the layer's scores.
    case mean
}
