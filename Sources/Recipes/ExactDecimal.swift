/// A decimal number of any length, computed with exactly: `±digits × 10^exponent`.
///
/// Goals are floors of products such as `1586 × (1 - 0.7585)`. In binary arithmetic `0.7585` is not itself, and a
/// floor can come out one too low; here it cannot.
package struct ExactDecimal: Sendable {
    /// Decimal digits, the lowest first, without zeros at the high end; empty for zero.
    private var digits: [UInt8]
    private var exponent: Int
    private var isNegative: Bool

    private init(digits: [UInt8], exponent: Int, isNegative: Bool) {
        let zeros = digits.reversed().prefix { $0 == 0 }.count
        self.digits = digits.dropLast(zeros)
        self.exponent = self.digits.isEmpty ? 0 : exponent
        self.isNegative = isNegative && !self.digits.isEmpty
    }

    package init(_ value: Int) {
        let digits = String(value.magnitude).utf8.reversed().map { $0 - UInt8(ascii: "0") }
        self.init(digits: digits, exponent: 0, isNegative: value < 0)
    }

    /// The shortest decimal that reads back as `value`: what a person wrote, if it has at most 15 digits.
    ///
    /// - Precondition: `value` is finite.
    package init(_ value: Double) {
        guard let decimal = ExactDecimal(text: value.description) else {
            preconditionFailure("\(value) has no decimal text")
        }
        self = decimal
    }

    /// Reads `[-+]? digits [. digits] [e [-+] digits]`; `nil` for anything else, or beyond 400 places.
    package init?(text: some StringProtocol) {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        let (mantissa, power) = rest.split(atFirst: "e", "E")
        let (whole, fraction) = mantissa.split(atFirst: ".")
        let all = whole + (fraction ?? "")
        guard !all.isEmpty, all.utf8.count <= 400, all.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        guard let shift = power.map({ Int($0) }) ?? 0, abs(shift) <= 400 else { return nil }
        self.init(
            digits: all.utf8.reversed().map { $0 - UInt8(ascii: "0") }, exponent: shift - (fraction ?? "").utf8.count,
            isNegative: isNegative)
    }
}

// MARK: - Arithmetic

extension ExactDecimal {
    package static func * (left: Self, right: Self) -> Self {
        var product = [Int](repeating: 0, count: left.digits.count + right.digits.count + 1)
        for (i, a) in left.digits.enumerated() {
            for (j, b) in right.digits.enumerated() { product[i + j] += Int(a) * Int(b) }
        }
        return Self(
            digits: carried(product), exponent: left.exponent + right.exponent,
            isNegative: left.isNegative != right.isNegative)
    }

    package static func + (left: Self, right: Self) -> Self {
        let exponent = min(left.exponent, right.exponent)
        let (a, b) = (left.digits(from: exponent), right.digits(from: exponent))
        var sum = [Int](repeating: 0, count: max(a.count, b.count) + 1)
        for (i, digit) in a.enumerated() { sum[i] += left.isNegative ? -Int(digit) : Int(digit) }
        for (i, digit) in b.enumerated() { sum[i] += right.isNegative ? -Int(digit) : Int(digit) }
        // Of opposite signs each column lies in -9...9, so that the highest one decides the sign of the sum.
        let isNegative = (sum.last { $0 != 0 } ?? 0) < 0
        return Self(digits: carried(isNegative ? sum.map { -$0 } : sum), exponent: exponent, isNegative: isNegative)
    }

    package static prefix func - (value: Self) -> Self {
        Self(digits: value.digits, exponent: value.exponent, isNegative: !value.isNegative)
    }

    package static func - (left: Self, right: Self) -> Self { left + -right }

    /// The value times ten to a power.
    package func shifted(by places: Int) -> Self {
        Self(digits: digits, exponent: exponent + places, isNegative: isNegative)
    }

    private static func carried(_ columns: [Int]) -> [UInt8] {
        var carry = 0
        var digits: [UInt8] = []
        for column in columns {
            let value = column + carry
            let digit = ((value % 10) + 10) % 10
            digits.append(UInt8(digit))
            carry = (value - digit) / 10
        }
        while carry > 0 {
            digits.append(UInt8(carry % 10))
            carry /= 10
        }
        return digits
    }

    private func digits(from lowest: Int) -> [UInt8] {
        Array(repeating: 0, count: digits.isEmpty ? 0 : exponent - lowest) + digits
    }
}

// MARK: - Conversion

extension ExactDecimal {
    /// The largest whole number that is not above the value; `nil` if it does not fit an `Int`.
    package var floor: Int? {
        let dropped = max(0, -exponent)
        let kept = digits.dropFirst(dropped).reversed().map { String($0) }.joined()
        let zeros = String(repeating: "0", count: digits.isEmpty ? 0 : max(0, exponent))
        guard let whole = Int((isNegative ? "-" : "") + (kept.isEmpty ? "0" : kept) + zeros) else { return nil }
        return isNegative && digits.prefix(dropped).contains { $0 != 0 } ? whole - 1 : whole
    }

    /// The nearest binary number.
    package var double: Double {
        let text = digits.reversed().map { String($0) }.joined()
        return Double("\(isNegative ? "-" : "")\(text.isEmpty ? "0" : text)e\(exponent)") ?? 0
    }
}

extension ExactDecimal: Comparable {
    package static func == (left: Self, right: Self) -> Bool { (left - right).digits.isEmpty }
    package static func < (left: Self, right: Self) -> Bool { (left - right).isNegative }
}

extension Substring {
    fileprivate func split(atFirst separators: Character...) -> (Substring, Substring?) {
        guard let index = firstIndex(where: separators.contains) else { return (self, nil) }
        return (self[..<index], self[self.index(after: index)...])
    }
}
