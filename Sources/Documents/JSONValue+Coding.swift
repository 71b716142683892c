package import Foundation

// MARK: - Reading text

/// A text that is not JSON.
package struct JSONError: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

extension JSONValue {
    /// Reads a JSON document.
    ///
    /// - Throws: ``JSONError`` if the bytes are not one JSON document, or nest deeper than 64 levels.
    package init(parsing data: Data) throws(JSONError) {
        var parser = JSONParser([UInt8](data))
        self = try parser.parse()
    }

    package init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Data(text.utf8))
    }
}

// MARK: - Codable values

extension JSONValue {
    /// The JSON form of any encodable value.
    package init(encoding value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
        try self.init(parsing: encoder.encode(value))
    }

    /// Decodes a value from this document.
    package func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(canonicalText.utf8))
    }
}
