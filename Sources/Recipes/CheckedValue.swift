package import Diagnostics
package import Documents

/// A value that conforms to its schema, in canonical form with defaults filled in, with the places of its parts.
///
/// Paths are dotted and start inside the value: `goal.totalParameters`, `LayerNames.0`; the empty path is the value.
package struct CheckedValue: Sendable {
    package let value: JSONValue

    /// The stages that the value names, in the order in which they stand.
    package let references: [StageReference]

    private let places: [String: Place]

    struct Place: Sendable {
        var key: SourceSpan?
        var value: SourceSpan
    }

    init(value: JSONValue, references: [StageReference], places: [String: Place]) {
        self.value = value
        self.references = references
        self.places = places
    }

    func with(_ key: String, _ part: JSONValue) -> CheckedValue {
        var changed = value
        changed[key] = part
        return CheckedValue(value: changed, references: references, places: places)
    }

    /// The canonical value at a dotted path.
    package subscript(_ path: String) -> JSONValue? { path.isEmpty ? value : value.value(at: path) }

    /// Whether a part was written, and not filled in.
    package func isWritten(_ path: String) -> Bool { places[path] != nil }

    /// Where the value of a part stands; for a part that was filled in, where the mapping around it stands.
    package func span(at path: String) -> SourceSpan? { place(at: path)?.value }

    /// Where the key of a part stands; for a part that was filled in or has no key, what ``span(at:)`` gives.
    package func keySpan(at path: String) -> SourceSpan? {
        let place = place(at: path)
        return place?.key ?? place?.value
    }

    private func place(at path: String) -> Place? {
        var path = path[...]
        while !path.isEmpty {
            if let place = places[String(path)] { return place }
            path = path.lastIndex(of: ".").map { path[..<$0] } ?? ""
        }
        return places[""]
    }
}

/// An option that names a stage: an edge of the graph.
package struct StageReference: Sendable {
    /// The option's dotted path.
    package let path: String

    /// The id that was written; a stage of the recipe has it.
    package let stage: String

    package let span: SourceSpan
}
