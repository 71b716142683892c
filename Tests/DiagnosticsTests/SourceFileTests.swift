import Diagnostics
import Testing

@Suite struct SourceFileTests {
    @Test(
        arguments: [
            ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b", ""]), ("a\rb", ["a", "b"]), ("", [""]),
            ("\n\n", ["", "", ""]),
            ("\u{FEFF}ä\n", ["ä", ""]),
        ])
    func `Lines end at a line feed, a carriage return or both`(text: String, lines: [String]) {
        let file = SourceFile(name: "a.yaml", text: text)
        #expect((1...file.lineCount).map { file.line($0) } == lines)
    }

    @Test func `Columns count scalars, from bytes and from scalars alike`() {
        let file = SourceFile(name: "a.yaml", text: "ä🛣: x\nö: y")
        #expect(file.scalarCount == 10)
        #expect(file.position(scalar: 3) == SourcePosition(line: 1, column: 4))
        #expect(file.position(byte: 7) == SourcePosition(line: 1, column: 4))
        #expect(file.byte(scalar: 3) == 7)
        #expect(file.position(scalar: 6) == SourcePosition(line: 2, column: 1))
        #expect(file.byte(scalar: 7) == 12)
    }

    @Test func `What lies past the end is put after the last line that has text`() {
        let file = SourceFile(name: "a.yaml", text: "a: 1\n")
        #expect(file.position(scalar: 5) == SourcePosition(line: 1, column: 5))
        #expect(file.position(scalar: 99) == SourcePosition(line: 1, column: 5))
        #expect(file.position(byte: 99) == SourcePosition(line: 1, column: 5))
        #expect(SourceFile(name: "a.yaml", text: "").end == SourcePosition(line: 1, column: 1))
    }

    @Test func `Bytes that are no UTF-8 show as replacement characters`() {
        #expect(SourceFile(name: "a.yaml", bytes: [0x61, 0xFF, 0x62]).line(1) == "a\u{FFFD}b")
    }
}
