/// A scalar: its text as written and what it means by the core schema of YAML 1.2.
package struct Scalar: Hashable, Sendable {
    package var text: String
    package var value: Value

    package enum Value: Hashable, Sendable {
        case null
        case boolean(Bool)
        case integer(Int)

        /// A number with a fraction or an exponent, an integer too large for `Int`, an infinity, or not a number.
        case number(Double)

        case string
    }

    package init(text: String, value: Value) {
        self.text = text
        self.value = value
    }

    /// Resolves a plain scalar without a tag (YAML 1.2.2, section 10.3.2): `no` and `on` are text, `1e-3` is a number.
    package init(plain text: String) {
        self.text = text
        value = Self.null(text) ?? Self.boolean(text) ?? Self.integer(text) ?? Self.number(text) ?? .string
    }
}

// MARK: - The core schema

extension Scalar {
    static func null(_ text: String) -> Value? {
        ["", "~", "null", "Null", "NULL"].contains(text) ? .null : nil
    }

    static func boolean(_ text: String) -> Value? {
        switch text {
        case "true", "True", "TRUE": .boolean(true)
        case "false", "False", "FALSE": .boolean(false)
        default: nil
        }
    }

    static func integer(_ text: String) -> Value? {
        let (digits, radix): (Substring, Int)
        if text.hasPrefix("0o") {
            (digits, radix) = (text.dropFirst(2), 8)
        } else if text.hasPrefix("0x") {
            (digits, radix) = (text.dropFirst(2), 16)
        } else {
            (digits, radix) = (unsigned(text), 10)
        }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ isDigit($0, radix: radix) }) else { return nil }
        if let value = Int(radix == 10 ? text[...] : digits, radix: radix) { return .integer(value) }
        if radix == 10 { return Double(text).map { .number($0) } }
        return .number(digits.utf8.reduce(0) { $0 * Double(radix) + Double(digit($1)) })
    }

    static func number(_ text: String) -> Value? {
        let magnitude = unsigned(text)
        if [".inf", ".Inf", ".INF"].contains(magnitude) { return .number(text.first == "-" ? -.infinity : .infinity) }
        if [".nan", ".NaN", ".NAN"].contains(text) { return .number(.nan) }

        // [0-9]+ ( . [0-9]* )?  or  . [0-9]+ , then ( [eE] [-+]? [0-9]+ )?
        var rest = magnitude
        let whole = rest.prefixOfDigits()
        var fraction = 0
        if rest.first == "." {
            rest.removeFirst()
            fraction = rest.prefixOfDigits()
        }
        guard whole + fraction > 0 else { return nil }
        if rest.first == "e" || rest.first == "E" {
            rest.removeFirst()
            if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
            guard rest.prefixOfDigits() > 0 else { return nil }
        }
        guard rest.isEmpty else { return nil }
        return Double(text).map { .number($0) }
    }

    private static func unsigned(_ text: String) -> Substring {
        text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
    }

    private static func isDigit(_ byte: UInt8, radix: Int) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(digit(byte)) < radix
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): radix == 16
        default: false
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8 {
        byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : (byte | 0x20) - UInt8(ascii: "a") + 10
    }
}

extension Substring {
    /// Removes the leading ASCII digits and returns how many there were.
    fileprivate mutating func prefixOfDigits() -> Int {
        let digits = prefix { ("0"..."9").contains($0) }
        removeFirst(digits.count)
        return digits.count
    }
}
