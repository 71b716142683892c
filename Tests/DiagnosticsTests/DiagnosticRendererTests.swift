import Diagnostics
import Documents
import Testing

@Suite struct DiagnosticRendererTests {
    private static func span(_ text: String, _ line: Int, _ columns: Range<Int>, lines: Int = 0) -> SourceSpan {
        SourceSpan(
            file: SourceFile(name: "road.yaml", text: text),
            start: SourcePosition(line: line, column: columns.lowerBound),
            end: SourcePosition(line: line + lines, column: columns.upperBound))
    }

    private static let criterion = Diagnostic(
        .unknownValue, "unknown criterion 'tailor'",
        at: span("stages:\n  - prune:\n      criterion: tailor\n", 3, 18..<24),
        help: ["did you mean 'taylor'? known: magnitude, taylor"],
        notes: [Diagnostic.Note("in stage 'prune'", at: span("stages:\n  - prune:\n", 2, 5..<10))])

    @Test func `A diagnostic shows place, id, source line, caret, help and notes`() {
        #expect(
            DiagnosticRenderer().render(Self.criterion) == """
                road.yaml:3:18: error: unknown criterion 'tailor' [unknown-value]
                3 |       criterion: tailor
                  |                  ^~~~~~
                  = help: did you mean 'taylor'? known: magnitude, taylor
                road.yaml:2:5: note: in stage 'prune'

                """)
    }

    @Test(
        arguments: [
            (span("名: 値段", 1, 4..<6), "1 | 名: 値段\n  |     ^~~~\n"),
            (span("e\u{301}: x", 1, 5..<6), "1 | e\u{301}: x\n  |    ^\n"),
            (span("\ta: b", 1, 5..<6), "1 |     a: b\n  |        ^\n"),
            (span("a: b", 1, 4..<4), "1 | a: b\n  |    ^\n"),
            (span("a: b", 1, 5..<5), "1 | a: b\n  |     ^\n"),
            (span("a: {b: 1,\n c: 2}", 1, 4..<6, lines: 1), "1 | a: {b: 1,\n  |    ^~~~~~\n"),
            (span("", 1, 1..<1), "1 |\n  | ^\n"),
            (span("a: \u{1B}[31mb", 1, 1..<2), "1 | a: \u{FFFD}[31mb\n  | ^\n"),
        ])
    func `The caret stands at the display width`(span: SourceSpan, excerpt: String) {
        let text = DiagnosticRenderer().render(Diagnostic(.wrongType, "x", at: span))
        #expect(text == "road.yaml:1:\(span.start.column): error: x [wrong-type]\n\(excerpt)")
    }

    @Test func `A long line is cut to a window around the caret`() {
        let text = String(repeating: "a", count: 500) + "!" + String(repeating: "b", count: 500)
        let rendered = DiagnosticRenderer().render(Diagnostic(.wrongType, "x", at: Self.span(text, 1, 501..<502)))
        let shown = String(repeating: "a", count: 40) + "!" + String(repeating: "b", count: 79)
        #expect(
            rendered == """
                road.yaml:1:501: error: x [wrong-type]
                1 | ...\(shown)...
                  | \(String(repeating: " ", count: 43))^

                """)
    }

    @Test func `A diagnostic without a place is a line, and its help`() {
        let diagnostic = Diagnostic(.fileMissing, "no space", at: nil, help: ["make room"])
        #expect(DiagnosticRenderer().render(diagnostic) == "error: no space [file-missing]\n  = help: make room\n")
    }

    @Test func `Colour is added only if it is asked for`() {
        let text = DiagnosticRenderer(usesColour: true).render(Self.criterion)
        #expect(text.contains("\u{1B}[1;31merror:\u{1B}[0m"))
        #expect(!DiagnosticRenderer().render(Self.criterion).contains("\u{1B}"))
    }

    @Test func `A list is sorted by place within each file, without repetition, capped and counted`() {
        let file = SourceFile(name: "a.yaml", text: "a\nb\nc\n")
        let other = SourceFile(name: "--set", text: "d")
        func fault(_ message: String, _ file: SourceFile, _ line: Int) -> Diagnostic {
            let start = SourcePosition(line: line, column: 1)
            return Diagnostic(.wrongType, message, at: SourceSpan(file: file, start: start, end: start))
        }
        var list = DiagnosticList()
        for diagnostic in [
            fault("third", file, 3), fault("set", other, 1), fault("first", file, 1), fault("third", file, 3),
            Diagnostic(.fileMissing, "nowhere", at: nil, severity: .warning),
        ] { list.append(diagnostic) }
        #expect(list.sorted.map(\.message) == ["first", "third", "set", "nowhere"])
        #expect(list.count == "3 errors, 1 warning")
        #expect(list.hasErrors)
        #expect(
            DiagnosticRenderer(limit: 1).render(list) == """
                a.yaml:1:1: error: first [wrong-type]
                1 | a
                  | ^
                the first 1 of 3 errors, 1 warning

                """)
        #expect(DiagnosticRenderer().render(DiagnosticList()).isEmpty)
    }

    @Test func `The event for programs has the same fields`() throws {
        #expect(
            Self.criterion.json.canonicalText == """
                {"column":18,"endColumn":24,"endLine":3,"event":"diagnostic","file":"road.yaml",\
                "help":["did you mean 'taylor'? known: magnitude, taylor"],"id":"unknown-value","line":3,\
                "message":"unknown criterion 'tailor'","notes":[{"column":5,"endColumn":10,"endLine":2,\
                "file":"road.yaml","line":2,"message":"in stage 'prune'"}],"severity":"error"}
                """)
    }

    @Test func `Ids are stable, unique and in kebab case`() {
        let ids = DiagnosticID.allCases.map(\.rawValue)
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.allSatisfy { $0 == "-" || ("a"..."z").contains($0) } })
    }
}
