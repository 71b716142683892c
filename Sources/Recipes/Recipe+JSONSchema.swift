package import Documents

extension Recipe {
    /// The JSON Schema of a recipe with these kinds of stages: `schemas/recipe.schema.json`.
    package static func jsonSchema(kinds: [StageKindSchema]) -> JSONValue {
        var definitions: [String: JSONValue] = [:]
        var stages: [String: JSONValue] = [:]
        for kind in kinds {
            var options = kind.allOptions.jsonSchema
            options["description"] = .string(kind.summary)
            // A kind alone, without options, is an empty value in YAML.
            options["type"] = ["object", "null"]
            definitions[kind.name] = options
            stages[kind.name] = ["$ref": .string("#/$defs/\(kind.name)"), "description": .string(kind.summary)]
        }
        let item: JSONValue = [
            "anyOf": [
                ["enum": .array(kinds.map { .string($0.name) })],
                [
                    "type": "object", "properties": .object(stages), "additionalProperties": false,
                    "minProperties": 1, "maxProperties": 1,
                ],
            ]
        ]
        var schema = Self.schema.jsonSchema(title: "Pare recipe")
        schema["$defs"] = .object(definitions)
        if var properties = schema["properties"] {
            properties["stages"] = [
                "type": "array", "items": item, "minItems": 1, "description": "the stages, in order",
            ]
            schema["properties"] = properties
        }
        return schema
    }
}
