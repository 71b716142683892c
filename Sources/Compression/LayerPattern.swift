/// A pattern for layer names: `*` stands for any characters, `?` for one, everything else for itself.
package struct LayerPattern: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    /// Whether the whole name matches.
    package func matches(_ name: String) -> Bool {
        let (pattern, name) = (Array(text), Array(name))
        var (at, position) = (0, 0)
        // The last star, and the position in the name from which it is tried next.
        var star: (at: Int, position: Int)?
        while position < name.count {
            if at < pattern.count, pattern[at] == "*" {
                star = (at, position)
                at += 1
            } else if at < pattern.count, pattern[at] == "?" || pattern[at] == name[position] {
                at += 1
                position += 1
            } else if let last = star {
                star = (last.at, last.position + 1)
                at = last.at + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == "*" }
    }
}

// MARK: - Selecting

extension LayerPattern {
    /// The names that any of the patterns matches, in the order of the names.
    ///
    /// - Parameters:
    ///   - patterns: What `LayerNames` says; `nil` selects every name.
    ///   - names: The layers that the technique applies to.
    ///   - property: What makes them so, such as `can be pruned`; for the message.
    /// - Throws: ``CompressionError`` with code `unmatchedPattern` for the first pattern that matches nothing; it
    ///   lists the names there are.
    package static func select(
        _ patterns: [String]?, from names: [String], that property: String
    ) throws(CompressionError) -> [String] {
        guard let patterns else { return names }
        for pattern in patterns where !names.contains(where: LayerPattern(pattern).matches) {
            throw .unmatched(pattern, names: names, property: property)
        }
        return names.filter { name in patterns.contains { LayerPattern($0).matches(name) } }
    }
}

extension CompressionError {
    fileprivate static func unmatched(_ pattern: String, names: [String], property: String) -> CompressionError {
        guard !names.isEmpty else {
            return CompressionError(
                .unmatchedPattern, "'\(pattern)' matches no layer that \(property); the network has none")
        }
        return CompressionError(
            .unmatchedPattern,
            "'\(pattern)' matches no layer that \(property); there are: " + names.joined(separator: ", "))
    }
}
