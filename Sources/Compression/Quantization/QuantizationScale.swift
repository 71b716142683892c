internal import Tensors

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

// MARK: - As tensors

extension QuantizationScale {
    /// The scales stored beside a parameter, `<parameter>.exponent` int8 or `<parameter>.scale` float32; none if there
    /// are none.
    static func stored(of parameter: String, in tensors: [String: Tensor]) -> [QuantizationScale] {
        if let exponents = tensors["\(parameter).exponent"] { return exponents.int8s.map { .exponent($0) } }
        return tensors["\(parameter).scale"]?.floats.map { .real($0) } ?? []
    }

    /// Some scales as they are stored beside a parameter: all exponents, or all real.
    static func tensor(_ scales: [QuantizationScale], of parameter: String) -> [String: Tensor] {
        let exponents = scales.compactMap(\.exponent)
        guard exponents.count == scales.count else {
            return ["\(parameter).scale": Tensor(scales.map { Float($0.step) })]
        }
        return [
            "\(parameter).exponent": Tensor(shape: [exponents.count], storage: .int8(exponents.map { Int8($0) }))
        ]
    }
}

extension Double {
    /// `2^exponent`, exact.
    static func powerOfTwo(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
}
