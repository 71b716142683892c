package import Documents

/// Something to tell the user about a place in a recipe, a data set or an option: a fault, most of the time.
///
/// Messages are lower case without a full stop, quote what was written, and say what was expected.
package struct Diagnostic: Hashable, Sendable {
    package enum Severity: String, Sendable {
        case error, warning, note
    }

    /// A second place that explains the first, such as where a duplicate was first written.
    package struct Note: Hashable, Sendable {
        package var message: String
        package var span: SourceSpan?

        package init(_ message: String, at span: SourceSpan? = nil) {
            self.message = message
            self.span = span
        }
    }

    package var severity: Severity
    package var id: DiagnosticID
    package var message: String
    package var span: SourceSpan?

    /// What to do about it, a line each.
    package var help: [String]

    package var notes: [Note]

    package init(
        _ id: DiagnosticID, _ message: String, at span: SourceSpan?, help: [String] = [], notes: [Note] = [],
        severity: Severity = .error
    ) {
        self.severity = severity
        self.id = id
        self.message = message
        self.span = span
        self.help = help
        self.notes = notes
    }
}

// MARK: - Suggestions

extension Diagnostic {
    /// The help for a name that is not known: the nearest one, if one is near, and all that there are.
    package static func help(for name: String, known: [String]) -> [String] {
        let list = "known: " + (known.isEmpty ? "none" : known.joined(separator: ", "))
        guard let nearest = name.nearest(among: known) else { return [list] }
        return ["did you mean '\(nearest)'? \(list)"]
    }
}

// MARK: - JSON

extension Diagnostic {
    /// The event that `--json` prints: `{"event": "diagnostic", ...}` with file, line and column if there is a place.
    package var json: JSONValue {
        var event = Self.place(span)
        event["event"] = "diagnostic"
        event["severity"] = .string(severity.rawValue)
        event["id"] = .string(id.rawValue)
        event["message"] = .string(message)
        event["help"] = .array(help.map { .string($0) })
        event["notes"] = .array(
            notes.map { note in
                var value = Self.place(note.span)
                value["message"] = .string(note.message)
                return value
            })
        return event
    }

    private static func place(_ span: SourceSpan?) -> JSONValue {
        guard let span else { return [:] }
        return [
            "file": .string(span.file.name),
            "line": .integer(span.start.line), "column": .integer(span.start.column),
            "endLine": .integer(span.end.line), "endColumn": .integer(span.end.column),
        ]
    }
}
