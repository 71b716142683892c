package import Foundation

// MARK: - Reading text

/// A text that is not JSON.
package struct JSONError: Error, CustomStringConvertible {
    package let description: String
}

extension JSONValue {
    /// Reads a JSON document.
    ///
    /// - Throws: ``JSONError`` if the bytes are not one JSON document, or nest deeper than 64 levels.
    package init(parsing data: Data) throws(JSONError) {
        do {
            try self.init(foundation: JSONSerialization.jsonObject(with: data, options: [.fragmentsAllowed]), depth: 0)
        } catch let error as JSONError {
            throw error
        } catch {
            throw JSONError(description: "not a JSON document")
        }
    }

    package init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Data(text.utf8))
    }

    private init(foundation value: Any, depth: Int) throws(JSONError) {
        guard depth < 64 else { throw JSONError(description: "a JSON document nested deeper than 64 levels") }
        switch value {
        case let members as [String: Any]:
            var object: [String: JSONValue] = [:]
            for (key, member) in members { object[key] = try JSONValue(foundation: member, depth: depth + 1) }
            self = .object(object)
        case let elements as [Any]:
            var array: [JSONValue] = []
            for element in elements { array.append(try JSONValue(foundation: element, depth: depth + 1)) }
            self = .array(array)
        case let string as String:
            self = .string(string)
        case let number as NSNumber:
            if Self.isBoolean(number) {
                self = .boolean(number.boolValue)
            } else if let whole = Int(exactly: number) {
                self = .integer(whole)
            } else {
                self = .number(number.doubleValue)
            }
        default:
            self = .null
        }
    }

    /// Foundation keeps `true` and `1` apart only in the number's Objective-C type.
    private static func isBoolean(_ number: NSNumber) -> Bool { number.objCType.pointee == 0x63 }
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
