/// A text that diagnostics point into: a file, or an option of the command line.
///
/// Lines end at a line feed, a carriage return, or both in a row. A leading UTF-8 byte order mark is dropped, so
/// that offsets and columns start at the first character a person sees. The bytes need not be valid UTF-8.
package final class SourceFile: Sendable {
    /// The name as it is shown: the path the user wrote, or the name of an option.
    package let name: String

    /// The text, without a byte order mark.
    package let bytes: [UInt8]

    /// How many Unicode scalars the text has.
    package let scalarCount: Int

    private let lineStarts: [LineStart]

    /// Creates a source from the bytes of a file.
    package init(name: String, bytes: some Sequence<UInt8>) {
        self.name = name
        var text = Array(bytes)
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
        var starts = [LineStart(byte: 0, scalar: 0)]
        var scalars = 0
        for (offset, byte) in text.enumerated() {
            if byte & 0xC0 != 0x80 { scalars += 1 }
            let next = offset + 1 < text.count ? text[offset + 1] : 0
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") && next != UInt8(ascii: "\n") {
                starts.append(LineStart(byte: offset + 1, scalar: scalars))
            }
        }
        self.bytes = text
        scalarCount = scalars
        lineStarts = starts
    }

    /// Creates a source from a text.
    package convenience init(name: String, text: String) {
        self.init(name: name, bytes: text.utf8)
    }

    private struct LineStart {
        var byte: Int
        var scalar: Int
    }
}

// MARK: - Lines and positions

extension SourceFile {
    package var lineCount: Int { lineStarts.count }

    /// The text of a line, without its line break; what is not UTF-8 shows as U+FFFD.
    ///
    /// - Precondition: `number` is in `1...lineCount`.
    package func line(_ number: Int) -> String {
        let start = lineStarts[number - 1].byte
        var end = number < lineCount ? lineStarts[number].byte : bytes.count
        while end > start, [UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(bytes[end - 1]) { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// The position of a scalar, counted from 0; what lies past the end is put at the end of the last line with text.
    package func position(scalar index: Int) -> SourcePosition {
        guard index < scalarCount else { return end }
        let line = lastLine { $0.scalar <= index }
        return SourcePosition(line: line, column: max(index, 0) - lineStarts[line - 1].scalar + 1)
    }

    /// The position of a byte, counted from 0; what lies past the end is put at the end of the last line with text.
    package func position(byte offset: Int) -> SourcePosition {
        guard offset < bytes.count else { return end }
        let line = lastLine { $0.byte <= offset }
        let before = bytes[lineStarts[line - 1].byte..<max(offset, 0)]
        return SourcePosition(line: line, column: before.count { $0 & 0xC0 != 0x80 } + 1)
    }

    /// The byte offset of a scalar, counted from 0, in a text that is UTF-8 up to there; the end for what lies past it.
    package func byte(scalar index: Int) -> Int {
        guard index < scalarCount else { return bytes.count }
        let start = lineStarts[lastLine { $0.scalar <= index } - 1]
        var missing = index - start.scalar
        var offset = start.byte
        while missing > 0 {
            offset += 1
            if bytes[offset] & 0xC0 != 0x80 { missing -= 1 }
        }
        return offset
    }

    /// The place just after the last line that has text; 1:1 in an empty file.
    package var end: SourcePosition {
        let line = lineCount > 1 && lineStarts[lineCount - 1].byte == bytes.count ? lineCount - 1 : lineCount
        return SourcePosition(line: line, column: self.line(line).unicodeScalars.count + 1)
    }

    private func lastLine(where isBefore: (LineStart) -> Bool) -> Int {
        var (low, high) = (0, lineStarts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if isBefore(lineStarts[middle]) { low = middle } else { high = middle }
        }
        return low + 1
    }
}
