import Diagnostics
import Documents
import RecipeSyntax
import TestSupport
import Testing

@Suite struct NodeReaderTests {
    private static func read(_ text: String) -> (node: Node?, faults: String) {
        read(SourceFile(name: "a.yaml", text: text))
    }

    private static func read(_ file: SourceFile) -> (node: Node?, faults: String) {
        var list = DiagnosticList()
        let node = NodeReader.read(file, into: &list)
        return (node, list.sorted.map { DiagnosticRenderer().render($0) }.joined())
    }

    // MARK: - Values

    @Test(
        arguments: [
            ("a: 1\nb: [x, 2.5, yes, 'no']", #"{"a":1,"b":["x",2.5,"yes","no"]}"#),
            ("a: \"1\"\nb: '2'\nc:\nd: ~", #"{"a":"1","b":"2","c":null,"d":null}"#),
            ("a: |\n  one\n  two\nb: >-\n  one\n  two\n", #"{"a":"one\ntwo\n","b":"one two"}"#),
            ("a: &x {k: 1}\nb: *x", #"{"a":{"k":1},"b":{"k":1}}"#),
            ("a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}", #"{"a":{"k":1,"l":2},"b":{"k":3,"l":2}}"#),
            (
                "a: &x {k: 1}\nb: &y {k: 2, m: 3}\nc:\n  <<: [*x, *y]",
                #"{"a":{"k":1},"b":{"k":2,"m":3},"c":{"k":1,"m":3}}"#
            ),
            (
                "a: !!str 5\nb: !!int '7'\nc: !!float 1\nd: ! 12\ne: !!seq [1]",
                #"{"a":"5","b":7,"c":1,"d":"12","e":[1]}"#
            ),
            ("%YAML 1.2\n---\na: 1\n...\n", #"{"a":1}"#), ("[1, [2, [3]]]", "[1,[2,[3]]]"),
            ("\u{FEFF}a: 1", #"{"a":1}"#),
            ("{a: 1, b}", #"{"a":1,"b":null}"#), ("a: .inf", #"{"a":null}"#), ("\"a\"", "\"a\""),
            ("1: x", #"{"1":"x"}"#),
        ])
    func `A document is read by the core schema of YAML 1.2`(text: String, json: String) {
        let (node, faults) = Self.read(text)
        #expect(node?.json.canonicalText == json)
        #expect(faults.isEmpty)
    }

    @Test func `A value that nobody wrote reads back as itself`() {
        let value: JSONValue = ["a": [1, 2.5, true, nil, "x"], "b": ["c": "4 KiB"]]
        let file = SourceFile(name: "a.yaml", text: "")
        #expect(Node(value, at: SourceSpan(startOf: file)).json == value)
    }

    // MARK: - Places

    @Test(
        arguments: [
            "«a: «b»»\n", "«a: «'b c'»» # comment\n", "«a:«»»\n", "«a:\n  «b: «1»»»\n\n# comment\n",
            "«a:\n  «- «x»\n  - «y»»»\n\n\n", "«a:\n«- «x»»»\n", "«a: «{b: «1», c: «[«2», «3»]»}»» # end\n",
            "«a: «&x b»»\n", "«a: «|\n  one\n  two»»\n\n\n", "«a: «>\n  one»»\n", "«ä🛣: «größer»»\n",
            "«a: «b\n  c»»\n", "«- «a: «1»\n  b: «2»»\n- «3»»\n", "«a:\r\n  «b: «1»»»\r\n",
        ])
    func `A node stands where its text stands, without what follows`(marked: String) {
        let text = MarkedText(marked)
        let (node, faults) = Self.read(text.text)
        #expect(faults.isEmpty)
        let spans = node.map(Self.spans) ?? []
        #expect(spans.map { "\($0.start)-\($0.end)" } == text.places.map { "\($0.start)-\($0.end)" })
    }

    private static func spans(of node: Node) -> [SourceSpan] {
        [node.span] + (node.items ?? node.pairs?.map(\.value) ?? []).flatMap(spans)
    }

    @Test func `An alias stands where it is written, what it names where that is written`() {
        let (node, _) = Self.read("a: &x {k: 1}\nb: *x\n")
        #expect(node?["b"]?.span.start == SourcePosition(line: 2, column: 4))
        #expect(node?["b"]?["k"]?.span.start == SourcePosition(line: 1, column: 11))
    }

    @Test func `The start of a text can be skipped, and places still count it`() {
        var list = DiagnosticList()
        let file = SourceFile(name: "--set", text: "größe.x=[1, two]")
        let node = NodeReader.read(file, skipping: 8, into: &list)
        #expect(node?.json == [1, "two"])
        #expect(node?.items?.last?.span.start == SourcePosition(line: 1, column: 13))
    }

    // MARK: - Faults

    @Test(
        arguments: [
            (
                "",
                """
                a.yaml:1:1: error: 'a.yaml' is empty [file-empty]
                1 |
                  | ^

                """
            ),
            (
                "# only a comment\n",
                """
                a.yaml:1:1: error: 'a.yaml' is empty [file-empty]
                1 | # only a comment
                  | ^

                """
            ),
            (
                "a:\n\tb: 1\n",
                """
                a.yaml:2:1: error: a tab cannot indent YAML [yaml-tab]
                2 |     b: 1
                  | ^
                  = help: indent with spaces

                """
            ),
            (
                "a:\n  b: x\n\tc: 2\n",
                """
                a.yaml:3:1: error: a tab cannot indent YAML [yaml-tab]
                3 |     c: 2
                  | ^
                  = help: indent with spaces

                """
            ),
            (
                "a: 1\nb: 2\na: 3\n",
                """
                a.yaml:3:1: error: key 'a' stands twice in this mapping [duplicate-key]
                3 | a: 3
                  | ^
                  = help: keep one of the two
                a.yaml:1:1: note: it stands here first

                """
            ),
            (
                "a: [1, 2\nb: 3\n",
                """
                a.yaml:2:2: error: invalid YAML: did not find expected ',' or ']' while parsing a flow sequence \
                [yaml-syntax]
                2 | b: 3
                  |  ^
                a.yaml:1:4: note: it began here

                """
            ),
            (
                "a: \"x\n",
                """
                a.yaml:1:6: error: invalid YAML: found unexpected end of stream while scanning a quoted scalar \
                [yaml-syntax]
                1 | a: "x
                  |      ^
                a.yaml:1:4: note: it began here

                """
            ),
            (
                "accuracy: >= 0.92\n",
                """
                a.yaml:1:12: error: '>' at the start of a value begins a block of text in YAML [yaml-syntax]
                1 | accuracy: >= 0.92
                  |            ^
                  = help: put a requirement into quotes, as in ">= 0.92"

                """
            ),
            (
                "a: 1\n---\nb: 2\n",
                """
                a.yaml:2:1: error: a second document begins here, expected one document in a file [yaml-documents]
                2 | ---
                  | ^~~
                  = help: put it into a file of its own

                """
            ),
            (
                "a: &retrain 1\nb: *retrian\n",
                """
                a.yaml:2:4: error: alias '*retrian' has no anchor '&retrian' before it [yaml-alias]
                2 | b: *retrian
                  |    ^~~~~~~~
                  = help: did you mean 'retrain'? known: retrain

                """
            ),
            (
                "a: &x [1, *x]\n",
                """
                a.yaml:1:11: error: alias '*x' stands inside of what '&x' names [yaml-alias]
                1 | a: &x [1, *x]
                  |           ^~

                """
            ),
            (
                "a: !!binary 5\nb: !!int five\nc: !!map [1]\n",
                """
                a.yaml:1:4: error: unknown tag '!!binary' [yaml-tag]
                1 | a: !!binary 5
                  |    ^~~~~~~~~~
                  = help: known tags: !!null, !!bool, !!int, !!float, !!str, !!seq, !!map
                a.yaml:2:4: error: 'five' does not fit its tag '!!int' [yaml-tag]
                2 | b: !!int five
                  |    ^~~~~~~~~~
                a.yaml:3:4: error: a list does not fit its tag '!!map' [yaml-tag]
                3 | c: !!map [1]
                  |    ^~~~~~~~~

                """
            ),
            (
                "? [a]\n: 1\n<<: 2\n",
                """
                a.yaml:1:3: error: a key must be text, found a list or a mapping [yaml-key]
                1 | ? [a]
                  |   ^~~
                a.yaml:3:5: error: '<<' must name a mapping or a list of mappings [yaml-merge]
                3 | <<: 2
                  |     ^

                """
            ),
            (
                "a: b\u{7}\n",
                """
                a.yaml:1:5: error: a control character is not allowed in YAML [yaml-character]
                1 | a: b\u{FFFD}
                  |     ^

                """
            ),
        ])
    func `A fault of the text is told with its place`(text: String, message: String) {
        #expect(Self.read(text).faults == message)
    }

    @Test(
        arguments: [[0xFF], [0xC3, 0x28], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]])
    func `Bytes that are no UTF-8 are told where they stand`(bytes: [UInt8]) {
        let file = SourceFile(name: "a.yaml", bytes: Array("a: 1\nö: x".utf8) + bytes + Array("\nc: 2\n".utf8))
        let (node, faults) = Self.read(file)
        #expect(node == nil)
        #expect(
            faults.hasPrefix("a.yaml:2:5: error: the text is not UTF-8 from here on [yaml-encoding]\n2 | ö: x\u{FFFD}"))
        #expect(faults.hasSuffix("\n  |     ^\n  = help: save the file as UTF-8\n"))
    }

    @Test func `A byte order mark of UTF-16 is no UTF-8`() {
        let (_, faults) = Self.read(SourceFile(name: "a.yaml", bytes: [0xFF, 0xFE, 0x61, 0x00]))
        #expect(faults.hasPrefix("a.yaml:1:1: error: the text is not UTF-8 from here on [yaml-encoding]\n"))
    }

    // MARK: - Bounds

    @Test func `An alias bomb is refused while it is read`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(
            Self.read(text).faults == """
                a.yaml:5:45: error: the document has more than 100000 values, aliases expanded [yaml-expansion]
                5 | a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]
                  |                                             ^~~

                """)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func `100,000 levels of nesting are refused at once`(opening: String) {
        let text = String(repeating: opening, count: 100_000)
        let clock = ContinuousClock()
        var faults = ""
        let time = clock.measure { faults = Self.read(text).faults }
        #expect(faults.contains(" error: lists and mappings nest deeper than 64 levels [yaml-nesting]\n"))
        #expect(time < .seconds(2))
    }

    @Test func `64 levels are read, also through an alias, and 65 are not`() {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(Self.read(nested(64)).faults.isEmpty)
        #expect(Self.read(nested(65)).node == nil)
        #expect(
            Self.read(
                "[&x \(nested(40)), [[\(String(repeating: "[", count: 20))*x\(nested(0))"
                    + String(repeating: "]", count: 20) + "]]]"
            ).faults.isEmpty)
        #expect(
            Self.read(
                "[&x \(nested(40)), \(String(repeating: "[", count: 24))*x"
                    + String(repeating: "]", count: 24) + "]"
            ).faults.contains("[yaml-nesting]"))
    }

    @Test func `A file of more than 4 MiB is refused`() {
        let file = SourceFile(name: "a.yaml", bytes: Array(repeating: UInt8(ascii: "#"), count: 4 << 20 | 1))
        let (node, faults) = Self.read(file)
        #expect(node == nil)
        #expect(
            faults.hasPrefix(
                "a.yaml:1:1: error: the file has 4194305 bytes, more than 4 MiB are not read [file-too-large]\n"))
    }
}
