// MARK: - Writing

extension JSONValue {
    /// The canonical text: keys sorted by their UTF-8 bytes, no white space, shortest numbers that read back equal.
    ///
    /// This is what keys are digests of, so it may never change for a value; a golden test pins it.
    package var canonicalText: String {
        var text = ""
        write(to: &text, indentation: nil)
        return text
    }

    /// The text for a file that people read: two spaces a level, keys sorted, a newline at the end.
    ///
    /// Lists and objects that hold no other list or object and fit in a line stay on one line.
    package var prettyText: String {
        var text = ""
        write(to: &text, indentation: 0)
        return text + "\n"
    }

    private func write(to text: inout String, indentation: Int?) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += Self.text(of: value)
        case .string(let value): Self.quote(value, into: &text)
        case .array(let elements):
            write(elements.map { (nil, $0) }, between: "[", "]", to: &text, indentation: indentation)
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            write(sorted.map { ($0.key, $0.value) }, between: "{", "}", to: &text, indentation: indentation)
        }
    }

    private func write(
        _ items: [(key: String?, value: JSONValue)], between open: String, _ close: String, to text: inout String,
        indentation: Int?
    ) {
        let oneLine = indentation == nil || items.allSatisfy { $0.value.isScalar } && items.count <= 12
        let inner = oneLine ? nil : indentation.map { $0 + 1 }
        text += open
        for (index, item) in items.enumerated() {
            if index > 0 { text += indentation != nil && oneLine ? ", " : "," }
            if let inner { text += "\n" + String(repeating: "  ", count: inner) }
            if let key = item.key {
                Self.quote(key, into: &text)
                text += indentation == nil ? ":" : ": "
            }
            item.value.write(to: &text, indentation: oneLine ? indentation.map { _ in 0 } : inner)
        }
        if let indentation, !oneLine { text += "\n" + String(repeating: "  ", count: indentation) }
        text += close
    }

    private var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    /// Whole numbers are written without a fraction, so that 3.0 and 3 have one text.
    private static func text(of value: Double) -> String {
        guard value.isFinite else { return "null" }
        if let whole = Int(exactly: value) { return String(whole) }
        return value.description
    }

    private static func quote(_ string: String, into text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
