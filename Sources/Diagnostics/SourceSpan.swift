/// A place in a text: line and column in Unicode scalars, both from 1.
package struct SourcePosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package var description: String { "\(line):\(column)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A stretch of a source: from `start` to just before `end`; empty if they are equal.
package struct SourceSpan: Sendable {
    package var file: SourceFile
    package var start: SourcePosition
    package var end: SourcePosition

    /// Creates a span; an end before the start is moved to the start.
    package init(file: SourceFile, start: SourcePosition, end: SourcePosition) {
        self.file = file
        self.start = start
        self.end = max(start, end)
    }

    /// The empty span at the beginning of a file, for faults of the file as a whole.
    package init(startOf file: SourceFile) {
        let start = SourcePosition(line: 1, column: 1)
        self.init(file: file, start: start, end: start)
    }
}

// MARK: - Hashable

extension SourceSpan: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.file === right.file && left.start == right.start && left.end == right.end
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(start)
        hasher.combine(end)
    }
}

extension SourceSpan: CustomStringConvertible {
    package var description: String { "\(file.name):\(start)" }
}
