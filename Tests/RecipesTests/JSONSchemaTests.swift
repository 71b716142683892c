import Documents
import Recipes
import Testing

@Suite struct JSONSchemaTests {
    @Test(
        arguments: [
            (ValueSchema.boolean, #"{"type":"boolean"}"#), (.integer(1...Int.max), #"{"minimum":1,"type":"integer"}"#),
            (.number(.from(0, below: 1)), #"{"exclusiveMaximum":1,"minimum":0,"type":"number"}"#),
            (.choice(["a", "b"]), #"{"enum":["a","b"]}"#),
            (
                .oneOrMany(.path),
                #"{"anyOf":[{"minLength":1,"type":"string"},{"items":{"minLength":1,"type":"string"},"#
                    + #""minItems":1,"type":"array"}]}"#
            ),
            (.map(of: .boolean), #"{"additionalProperties":{"type":"boolean"},"type":"object"}"#),
            (
                .object(ObjectSchema([OptionSchema("a", .boolean, default: true, "a switch")])),
                #"{"additionalProperties":false,"properties":{"a":{"default":true,"description":"a switch","#
                    + #""type":"boolean"}},"type":"object"}"#
            ),
            (
                .object(
                    ObjectSchema(
                        [OptionSchema("a", .boolean, ""), OptionSchema("b", .boolean, "")],
                        groups: [.exactlyOne(["a", "b"])])),
                #"{"additionalProperties":false,"allOf":[{"oneOf":[{"required":["a"]},{"required":["b"]}]}],"#
                    + #""properties":{"a":{"type":"boolean"},"b":{"type":"boolean"}},"type":"object"}"#
            ),
        ])
    func `A schema has a JSON Schema`(schema: ValueSchema, json: String) {
        #expect(schema.jsonSchema.canonicalText == json)
    }

    @Test func `The schema of a recipe knows kinds, options and what every stage has`() {
        let schema = Recipe.jsonSchema(kinds: SampleKinds.all)
        #expect(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["required"] == ["version", "name", "stages"])
        #expect(schema["patternProperties"] == ["^x-": true])
        #expect(schema["additionalProperties"] == false)
        let prune = schema.value(at: "$defs.prune")
        #expect(prune?["required"] == ["goal"])
        #expect(
            prune?["properties"]?.members?.keys.sorted() == [
                "LayerNames", "LearnablesIncrement", "MaxToPrune", "criterion", "goal", "id", "minimumFraction",
                "needs",
                "retrain", "teacher",
            ])
        #expect(prune?.value(at: "properties.minimumFraction.default") == "20 %")
    }
}
