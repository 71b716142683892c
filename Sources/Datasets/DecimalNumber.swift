/// Reads decimal numbers as the nearest 32-bit float.
enum DecimalNumber {
    enum Result: Equatable {
        case finite(Float)
        /// Infinity, or too large for a float.
        case notFinite
        /// `?` or NaN.
        case missing
        case notANumber
    }

    /// Reads `[+-] digits [. digits] [e [+-] digits]`, with a digit at least before or after the point.
    static func read(_ bytes: [UInt8], _ range: Range<Int>) -> Result {
        var index = range.lowerBound
        func byte() -> UInt8 { index < range.upperBound ? bytes[index] : 0 }
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

        let isNegative = byte() == UInt8(ascii: "-")
        if isNegative || byte() == UInt8(ascii: "+") { index += 1 }
        var (mantissa, digits, decimals, isExact) = (0, 0, 0, true)
        var hasPoint = false
        while isDigit(byte()) || (byte() == UInt8(ascii: ".") && !hasPoint) {
            if isDigit(byte()) {
                if mantissa > exactMantissa { isExact = false } else { mantissa = 10 * mantissa + Int(byte() & 15) }
                digits += 1
                decimals += hasPoint ? 1 : 0
            } else {
                hasPoint = true
            }
            index += 1
        }
        guard digits > 0 else { return word(bytes, range) }
        if byte() | 0x20 == UInt8(ascii: "e") {
            isExact = false
            index += 1
            if byte() == UInt8(ascii: "-") || byte() == UInt8(ascii: "+") { index += 1 }
            guard isDigit(byte()) else { return .notANumber }
            while isDigit(byte()) { index += 1 }
        }
        guard index == range.upperBound else { return .notANumber }
        // An integer below 2^24 over a power of ten below 10^11: both are floats, so their quotient is rounded once
        // (Clinger 1990). All other numbers take the slow way of the standard library.
        if isExact, mantissa <= exactMantissa, decimals < powersOfTen.count {
            let value = Float(mantissa) / powersOfTen[decimals]
            return .finite(isNegative ? -value : value)
        }
        guard let value = Float(String(decoding: bytes[range], as: UTF8.self)) else { return .notANumber }
        return value.isFinite ? .finite(value) : .notFinite
    }

    private static let exactMantissa = 1 << 24
    private static let powersOfTen: [Float] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10]

    private static func word(_ bytes: [UInt8], _ range: Range<Int>) -> Result {
        let text = String(decoding: bytes[range], as: UTF8.self).lowercased()
        let unsigned = text.hasPrefix("-") || text.hasPrefix("+") ? String(text.dropFirst()) : text
        return switch unsigned {
        case "?", "nan": .missing
        case "inf", "infinity": .notFinite
        default: .notANumber
        }
    }
}
