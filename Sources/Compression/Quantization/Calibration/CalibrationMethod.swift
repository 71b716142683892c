/// How the range of real values that the integers of an activation cover follows from the values it took.
///
/// Whatever the method, zero is covered: padding is zero.
package enum CalibrationMethod: String, Codable, Hashable, Sendable, CaseIterable {
    /// All of them.
    case minmax
    /// All but a share of the lowest and as large a share of the highest.
    case percentile
    /// Up to the magnitude with the least squared error between values and integers.
    case mse
    /// Up to the magnitude with the least Kullback-Leibler divergence between the values and what integers keep of
    /// them.
    case entropy
}

/// How the scales of activations are found.
package struct CalibrationOptions: Codable, Hashable, Sendable {
    package var method = CalibrationMethod.minmax
    /// Of the method `percentile`: in percent, how much is covered.
    package var percentile = 99.99

    package init() {}
}
