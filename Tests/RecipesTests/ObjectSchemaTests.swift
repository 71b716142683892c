import Diagnostics
import Documents
import Recipes
import Testing

@Suite struct ObjectSchemaTests {
    /// A file in the manner of dataset.yaml, with a mapping whose keys depend on a word.
    private static let schema = ObjectSchema(
        [
            OptionSchema("version", .integer(1...1), .required, "the format"),
            OptionSchema(
                "input",
                .tagged(
                    by: "kind",
                    [
                        TaggedObject(
                            "sequence", ObjectSchema([OptionSchema("steps", .integer(1...Int.max), .required, "steps")])
                        ),
                        TaggedObject(
                            "image", ObjectSchema([OptionSchema("height", .integer(1...Int.max), .required, "rows")])),
                    ]), .required, "what an example is"),
            OptionSchema("share", .proportion(0...1), default: "20 %", "the share"),
            OptionSchema("needsShare", .boolean, "a switch"),
        ], groups: [.needs("needsShare", "share")])

    private static func read(_ text: String) -> (value: CheckedValue?, faults: String) {
        var list = DiagnosticList()
        let value = schema.read(SourceFile(name: "dataset.yaml", text: text), name: "data set", into: &list)
        return (value, list.sorted.map { DiagnosticRenderer().render($0) }.joined())
    }

    @Test func `A file is read by its schema`() {
        let (value, faults) = Self.read("version: 1\ninput: {kind: image, height: 28}\n")
        #expect(faults.isEmpty)
        #expect(value?.value.canonicalText == #"{"input":{"height":28,"kind":"image"},"share":0.2,"version":1}"#)
        #expect(value?.span(at: "input.height")?.start == SourcePosition(line: 2, column: 30))
    }

    @Test(
        arguments: [
            (
                "version: 1\ninput: {kind: imag, height: 28}\n",
                """
                dataset.yaml:2:15: error: unknown kind 'imag' [unknown-value]
                2 | input: {kind: imag, height: 28}
                  |               ^~~~
                  = help: did you mean 'image'? known: sequence, image

                """
            ),
            (
                "version: 1\ninput: {height: 28}\n",
                """
                dataset.yaml:2:9: error: 'input' needs 'kind' [missing-option]
                2 | input: {height: 28}
                  |         ^~~~~~

                """
            ),
            (
                "version: 1\ninput: {kind: image, steps: 28}\nneedsShare: true\n",
                """
                dataset.yaml:2:9: error: 'input' needs 'height' [missing-option]
                2 | input: {kind: image, steps: 28}
                  |         ^~~~
                  = help: 'height' is rows
                dataset.yaml:2:22: error: unknown option 'steps' of 'input' [unknown-option]
                2 | input: {kind: image, steps: 28}
                  |                      ^~~~~
                  = help: known: kind, height
                dataset.yaml:3:1: error: 'needsShare' has no effect without 'share' [missing-option]
                3 | needsShare: true
                  | ^~~~~~~~~~

                """
            ),
        ])
    func `Faults of a file are told`(text: String, message: String) {
        let (value, faults) = Self.read(text)
        #expect(value == nil)
        #expect(faults == message)
    }
}
