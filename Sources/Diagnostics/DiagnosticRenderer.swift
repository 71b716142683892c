/// Writes diagnostics as a person reads them: place, message and id, the source line, a caret, help and notes.
///
/// ```
/// resnet.yaml:14:16: error: unknown criterion 'tailor' [unknown-value]
/// 14 |     criterion: tailor
///    |                ^~~~~~
///    = help: did you mean 'taylor'? known: magnitude, taylor
/// resnet.yaml:9:5: note: in stage 'prune'
/// ```
package struct DiagnosticRenderer: Sendable {
    /// Whether to colour with ANSI escape sequences.
    package var usesColour: Bool

    /// How many diagnostics of a list are written before the rest is only counted.
    package var limit: Int

    package init(usesColour: Bool = false, limit: Int = 50) {
        self.usesColour = usesColour
        self.limit = limit
    }
}

// MARK: - Rendering

extension DiagnosticRenderer {
    /// The text of a list, sorted by position, with a count as its last line; empty for an empty list.
    package func render(_ list: DiagnosticList) -> String {
        guard !list.isEmpty else { return "" }
        let sorted = list.sorted
        var text = sorted.prefix(limit).map(render).joined()
        if sorted.count > limit { text += "the first \(limit) of " }
        return text + list.count + "\n"
    }

    /// The text of one diagnostic, each line with its line break.
    package func render(_ diagnostic: Diagnostic) -> String {
        var text = header(diagnostic.severity, diagnostic.message, at: diagnostic.span, id: diagnostic.id)
        let gutter = diagnostic.span.map { String($0.start.line).count } ?? 0
        if let span = diagnostic.span { text += excerpt(span, gutter: gutter) }
        let margin = String(repeating: " ", count: gutter == 0 ? 2 : gutter + 1)
        for line in diagnostic.help { text += "\(margin)= help: \(printable(line))\n" }
        for note in diagnostic.notes { text += header(.note, note.message, at: note.span, id: nil) }
        return text
    }

    private func header(
        _ severity: Diagnostic.Severity, _ message: String, at span: SourceSpan?, id: DiagnosticID?
    ) -> String {
        let place = span.map { "\(printable($0.description)): " } ?? ""
        let suffix = id.map { " [\($0.rawValue)]" } ?? ""
        let word = coloured(severity.rawValue + ":", Self.colour(of: severity))
        return "\(coloured(place, "1"))\(word) \(coloured(printable(message), "1"))\(suffix)\n"
    }

    /// The source line and the caret line under it; a span over several lines is marked on its first.
    private func excerpt(_ span: SourceSpan, gutter: Int) -> String {
        let line = Array(span.file.line(span.start.line).unicodeScalars)
        let start = min(span.start.column - 1, line.count)
        let end = span.end.line > span.start.line ? line.count : min(span.end.column - 1, line.count)

        // A long line is cut to a window around the caret.
        let window = line.count <= Self.widest ? 0..<line.count : Self.window(in: line.count, around: start)
        var shown = window.lowerBound > 0 ? "..." : ""
        var width = shown.count
        var caret = width
        var caretEnd = width
        for index in window {
            if index == start { caret = width }
            let scalar = line[index]
            let piece = scalar == "\t" ? String(repeating: " ", count: 4 - width % 4) : printable(String(scalar))
            shown += piece
            width += scalar == "\t" ? piece.count : piece.unicodeScalars.reduce(0) { $0 + $1.displayWidth }
            if index < end { caretEnd = width }
        }
        if start >= window.upperBound { caret = width }
        if window.upperBound < line.count { shown += "..." }

        let margin = String(repeating: " ", count: gutter + 1)
        let marks = "^" + String(repeating: "~", count: max(caretEnd - caret - 1, 0))
        let indentation = String(repeating: " ", count: caret)
        return "\(span.start.line) | \(shown)\n".replacingEmptyLine(after: "|")
            + "\(margin)| \(indentation)\(coloured(marks, "1;32"))\n"
    }

    private static let widest = 160

    private static func window(in count: Int, around start: Int) -> Range<Int> {
        let low = max(0, min(start - 40, count - 120))
        return low..<min(low + 120, count)
    }

    /// Control characters would act on the terminal; they show as U+FFFD.
    private func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: \.isControl) else { return text }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: text.unicodeScalars.map { $0.isControl ? "\u{FFFD}" : $0 })
        return String(result)
    }

    private static func colour(of severity: Diagnostic.Severity) -> String {
        switch severity {
        case .error: "1;31"
        case .warning: "1;35"
        case .note: "1;36"
        }
    }

    private func coloured(_ text: String, _ code: String) -> String {
        usesColour && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

extension String {
    /// Drops the blank that an empty source line would leave behind its bar.
    fileprivate func replacingEmptyLine(after bar: Character) -> String {
        hasSuffix("\(bar) \n") ? dropLast(2) + "\n" : self
    }
}
