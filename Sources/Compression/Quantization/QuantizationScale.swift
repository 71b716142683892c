/// The real size of one integer step.
package enum QuantizationScale: Hashable, Sendable {
    case real(Float)
    /// `2^exponent`.
    case exponent(Int8)

    package var step: Double {
        switch self {
        case .real(let scale): Double(scale)
        case .exponent(let exponent): Double.powerOfTwo(Int(exponent))
        }
    }

    package var exponent: Int? {
        switch self {
        case .real: nil
        case .exponent(let exponent): Int(exponent)
        }
    }
}

extension Double {
    /// `2^exponent`, exact.
    static func powerOfTwo(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
}
