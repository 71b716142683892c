/// An element of an XML document.
struct XMLElement {
    let name: String
    let attributes: [(name: String, value: String)]
    let children: [XMLElement]
    let text: String

    init(
        _ name: String, _ attributes: [(name: String, value: String)] = [], text: String = "",
        _ children: [XMLElement] = []
    ) {
        self.name = name
        self.attributes = attributes
        self.children = children
        self.text = text
    }

    /// The document whose root this is, in UTF-8.
    var document: String { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + lines(at: 0) }

    private func lines(at depth: Int) -> String {
        let indentation = String(repeating: "  ", count: depth)
        let attributes = attributes.map { " \($0.name)=\"\(Self.escaped($0.value, isAttribute: true))\"" }.joined()
        let head = "\(indentation)<\(name)\(attributes)"
        if children.isEmpty {
            return head + (text.isEmpty ? "/>\n" : ">\(Self.escaped(text, isAttribute: false))</\(name)>\n")
        }
        return head + ">\n" + children.map { $0.lines(at: depth + 1) }.joined() + "\(indentation)</\(name)>\n"
    }

    /// The text with references for what has a meaning, and U+FFFD for what no XML document may hold.
    private static func escaped(_ text: String, isAttribute: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"" where isAttribute: escaped += "&quot;"
            // Readers make blanks of these in attributes, and a line feed of a carriage return.
            case "\t" where isAttribute, "\n" where isAttribute, "\r": escaped += "&#\(scalar.value);"
            case "\t", "\n", "\u{20}"..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
                escaped.unicodeScalars.append(scalar)
            default: escaped += "\u{FFFD}"
            }
        }
        return escaped
    }
}
