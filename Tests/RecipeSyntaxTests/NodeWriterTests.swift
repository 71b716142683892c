import Diagnostics
import RecipeSyntax
import Testing

@Suite struct NodeWriterTests {
    static func read(_ text: String) throws -> Node {
        var faults = DiagnosticList()
        let node = NodeReader.read(SourceFile(name: "a.yaml", text: text), into: &faults)
        #expect(!faults.hasErrors)
        return try #require(node)
    }

    @Test(arguments: [
        ("plain", "plain"), ("75 %", "75 %"), ("0.50", "0.50"), ("[a, 'x: y', \"5\"]", "[a, 'x: y', '5']"),
        ("{a: {b: [1, 2]}, c: ''}", "{a: {b: [1, 2]}, c: ''}"), ("'>= load - 1 points'", "'>= load - 1 points'"),
        ("\"a\\nb\"", #""a\nb""#), ("'null'", "'null'"), ("~", "null"), ("true", "true"), ("'#no'", "'#no'"),
        ("1e-3", "1e-3"), ("ä ö", "ä ö"), ("'- x'", "'- x'"), ("'a*'", "a*"), ("'*'", "'*'"), ("' x '", "' x '"),
        ("!!str 5", "'5'"), ("[]", "[]"), ("{}", "{}"), ("a:\n  - b\n  - {c: d}", "{a: [b, {c: d}]}"),
    ])
    func `a value on one line reads as the value`(text: String, line: String) throws {
        let node = try Self.read(text)
        #expect(node.flowText == line)
        #expect(try Self.read(line).json == node.json)
    }

    @Test func `a document has a line for each key and item, and reads as it was`() throws {
        let node = try Self.read(
            """
            version: 1
            budget: {reduction: 75 %}
            stages:
              - load: &load
                  network: a.yaml    # a comment
                  channels:
                    - x
                    - z
              - prune: {goal: {totalParameters: 5}, retrain: {MaxEpochs: 3, solver: adam}}
              - evaluate
              - evaluate: {id: last, require: {accuracy: ">= 5 %"}}
            """)
        #expect(
            node.documentText == """
                version: 1
                budget:
                  reduction: 75 %
                stages:
                - load:
                    network: a.yaml
                    channels: [x, z]
                - prune:
                    goal: {totalParameters: 5}
                    retrain: {MaxEpochs: 3, solver: adam}
                - evaluate
                - evaluate:
                    id: last
                    require: {accuracy: '>= 5 %'}

                """)
        #expect(try Self.read(node.documentText).json == node.json)
    }
}
