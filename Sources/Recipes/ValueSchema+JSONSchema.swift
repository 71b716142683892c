package import Documents

/// JSON Schema, draft 2020-12: what editors and other programs check our files with.
///
/// It accepts every file that the checker accepts. The checker knows more: ids that exist, paths, what may follow.
extension ValueSchema {
    package var jsonSchema: JSONValue {
        switch self {
        case .boolean: return ["type": "boolean"]
        case .integer(let range):
            var schema: JSONValue = ["type": "integer"]
            if range.lowerBound > Int.min { schema["minimum"] = .integer(range.lowerBound) }
            if range.upperBound < Int.max { schema["maximum"] = .integer(range.upperBound) }
            return schema
        case .number(let range):
            var schema: JSONValue = ["type": "number"]
            schema[range.excludesMinimum ? "exclusiveMinimum" : "minimum"] = range.minimum.map { .number($0) }
            schema[range.excludesMaximum ? "exclusiveMaximum" : "maximum"] = range.maximum.map { .number($0) }
            return schema
        case .text, .path, .layerPattern: return ["type": "string", "minLength": 1]
        case .identifier: return ["type": "string", "pattern": .string(String.identifierPattern)]
        case .stage: return ["type": "string", "minLength": 1]
        case .choice(let words): return ["enum": .array(words.map { .string($0) })]
        case .memory:
            return ["type": "string", "pattern": .string("^ *\\+?\(Self.digits) *(B|KB|KiB|MB|MiB|GB|GiB) *$")]
        case .proportion(let range):
            return [
                "anyOf": [
                    ["type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)],
                    ["type": "string", "pattern": .string("^ *[-+]?\(Self.digits) *% *$")],
                ]
            ]
        case .requirement: return ["type": "string", "pattern": "^ *(>=|<=|==|>|<) *[^ ].*$"]
        case .list(let element, let minimum):
            var schema: JSONValue = ["type": "array", "items": element.jsonSchema]
            if minimum > 0 { schema["minItems"] = .integer(minimum) }
            return schema
        case .oneOrMany(let element):
            return ["anyOf": [element.jsonSchema, ValueSchema.list(of: element, minimum: 1).jsonSchema]]
        case .object(let object): return object.jsonSchema
        case .tagged(let key, let objects):
            return [
                "anyOf": .array(
                    objects.map { object in
                        let tag = OptionSchema(key, .choice([object.tag]), .required, "")
                        return ObjectSchema([tag] + object.schema.options, groups: object.schema.groups).jsonSchema
                    })
            ]
        case .map(let element): return ["type": "object", "additionalProperties": element.jsonSchema]
        case .any(let schemas): return ["anyOf": .array(schemas.map(\.jsonSchema))]
        case .anything: return true
        }
    }

    private static let digits = "([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?"
}

extension ObjectSchema {
    package var jsonSchema: JSONValue {
        var properties: [String: JSONValue] = [:]
        for option in options { properties[option.name] = option.jsonSchema }
        var schema: JSONValue = [
            "type": "object", "properties": .object(properties), "additionalProperties": false,
        ]
        let required = options.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        if !groups.isEmpty { schema["allOf"] = .array(groups.map(\.jsonSchema)) }
        if let freePrefix { schema["patternProperties"] = ["^\(freePrefix)": true] }
        return schema
    }

    /// The schema of a whole file.
    package func jsonSchema(title: String) -> JSONValue {
        var schema = jsonSchema
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = .string(title)
        return schema
    }
}

extension OptionSchema {
    fileprivate var isRequired: Bool { if case .required = presence { true } else { false } }

    fileprivate var jsonSchema: JSONValue {
        guard case .object(var schema) = value.jsonSchema else {
            return summary.isEmpty ? true : ["description": .string(summary)]
        }
        if !summary.isEmpty { schema["description"] = .string(summary) }
        if case .filled(let value) = presence { schema["default"] = value }
        return .object(schema)
    }
}

extension OptionGroup {
    fileprivate var jsonSchema: JSONValue {
        func required(_ names: [String]) -> JSONValue { ["required": .array(names.map { .string($0) })] }
        switch self {
        case .exactlyOne(let names):
            return ["oneOf": .array(names.map { required([$0]) })]
        case .atMostOne(let names):
            let pairs = names.indices.flatMap { i in names[(i + 1)...].map { required([names[i], $0]) } }
            return ["not": ["anyOf": .array(pairs)]]
        case .needs(let name, let other):
            return ["dependentRequired": .object([name: [.string(other)]])]
        }
    }
}
