extension String {
    /// Whether the text can be a name in a path: a letter, then letters, digits, `-` and `_`, all ASCII.
    var isIdentifier: Bool {
        guard let first = unicodeScalars.first, first.isASCII, first.properties.isAlphabetic else { return false }
        return unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" || $0 == "_")
        }
    }

    /// The same as a regular expression of JSON Schema.
    static let identifierPattern = "^[A-Za-z][A-Za-z0-9_-]*$"
}
