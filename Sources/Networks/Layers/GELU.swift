package import Kernels

/// `y = x P(X <= x)` for a standard normal X, element by element (Hendrycks and Gimpel 2016).
///
/// Exact, `0.5 x (1 + erf(x / sqrt(2)))`, or with the approximation
/// `0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`.
package struct GELU: ElementwiseLayer {
    package enum Approximation: String, Hashable, Sendable, CaseIterable {
        case none
        case tanh
    }

    package static let kind = "gelu"

    package var approximation: Approximation

    package init(approximation: Approximation = .none) { self.approximation = approximation }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        approximation = try attributes.choice("approximation", default: .none)
    }

    package var attributes: [String: Attribute] { ["approximation": .text(approximation.rawValue)] }
    package var function: ElementFunction { approximation == .none ? .gelu : .geluTanh }
}
