// MARK: - Writing

extension JSONValue {
    /// The canonical text: keys sorted by their UTF-8 bytes, no white space, shortest numbers that read back equal.
    ///
    /// This is what keys are digests of, so it may never change for a value; a golden test pins it.
    package var canonicalText: String { String(decoding: bytes(indentation: nil), as: UTF8.self) }

    /// The text for a file that people read: two spaces a level, keys sorted, a newline at the end.
    ///
    /// Lists and objects that hold no other list or object and fit in a line stay on one line.
    package var prettyText: String { String(decoding: bytes(indentation: 0), as: UTF8.self) + "\n" }

    /// The bytes of ``canonicalText``, or with an indentation those of ``prettyText`` without its last newline.
    func bytes(indentation: Int?) -> [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes, indentation: indentation)
        return bytes
    }

    private func write(to bytes: inout [UInt8], indentation: Int?) {
        switch self {
        case .null: bytes += "null".utf8
        case .boolean(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .number(let value): bytes += Self.text(of: value).utf8
        case .string(let value): Self.quote(value, into: &bytes)
        case .array(let elements):
            Self.write(elements.map { (nil, $0) }, between: "[", "]", to: &bytes, indentation: indentation)
        case .object(let members):
            let sorted = members.sorted { $0.key.precedes($1.key) }.map { (Optional($0.key), $0.value) }
            Self.write(sorted, between: "{", "}", to: &bytes, indentation: indentation)
        }
    }

    private static func write(
        _ items: [(key: String?, value: JSONValue)], between open: Unicode.Scalar, _ close: Unicode.Scalar,
        to bytes: inout [UInt8], indentation: Int?
    ) {
        let oneLine = indentation == nil || items.allSatisfy { $0.value.isScalar } && items.count <= 12
        let inner = oneLine ? nil : indentation.map { $0 + 1 }
        bytes.append(UInt8(ascii: open))
        for (index, item) in items.enumerated() {
            if index > 0 { bytes += (indentation != nil && oneLine ? ", " : ",").utf8 }
            if let inner { newLine(inner, into: &bytes) }
            if let key = item.key {
                quote(key, into: &bytes)
                bytes += (indentation == nil ? ":" : ": ").utf8
            }
            item.value.write(to: &bytes, indentation: oneLine ? indentation.map { _ in 0 } : inner)
        }
        if let indentation, !oneLine { newLine(indentation, into: &bytes) }
        bytes.append(UInt8(ascii: close))
    }

    private static func newLine(_ indentation: Int, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\n"))
        bytes += repeatElement(UInt8(ascii: " "), count: 2 * indentation)
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

    private static func quote(_ string: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        if string.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            for byte in string.utf8 { escape(byte, into: &bytes) }
        } else {
            bytes += string.utf8
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8, into bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): bytes += "\\\"".utf8
        case UInt8(ascii: "\\"): bytes += "\\\\".utf8
        case UInt8(ascii: "\n"): bytes += "\\n".utf8
        case UInt8(ascii: "\r"): bytes += "\\r".utf8
        case UInt8(ascii: "\t"): bytes += "\\t".utf8
        case ..<0x10: bytes += "\\u000\(String(byte, radix: 16))".utf8
        case ..<0x20: bytes += "\\u00\(String(byte, radix: 16))".utf8
        default: bytes.append(byte)
        }
    }
}

extension String {
    /// Whether the text comes first by its UTF-8 bytes.
    fileprivate func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
