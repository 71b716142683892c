package import Foundation

/// The header of a safetensors file as it stands there.
struct Header {
    struct Entry: Codable {
        var dtype: String
        var shape: [Int]
        var offsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype
            case shape
            case offsets = "data_offsets"
        }
    }

    var metadata: [String: String]
    var entries: [String: Entry]
}

// MARK: - Text

extension Header: Codable {
    /// A name that only the file knows.
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        metadata = [:]
        entries = [:]
        for key in container.allKeys {
            if key.stringValue == SafetensorsFile.metadataKey {
                metadata = try container.decode([String: String].self, forKey: key)
            } else {
                entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
            }
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        if !metadata.isEmpty {
            try container.encode(metadata, forKey: Name(stringValue: SafetensorsFile.metadataKey))
        }
        for (name, entry) in entries { try container.encode(entry, forKey: Name(stringValue: name)) }
    }

    /// The canonical JSON text.
    var text: [UInt8] { [UInt8](JSONText.encode(self)) }

    /// - Throws: ``InterchangeError`` with code `notSafetensors`.
    init(parsing text: Data) throws(InterchangeError) {
        do {
            self = try JSONDecoder().decode(Header.self, from: text)
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.keyNotFound(_, let context)
        {
            guard let name = context.codingPath.first?.stringValue else { throw .header("is not a JSON object") }
            throw .header(
                name == SafetensorsFile.metadataKey
                    ? "has a '\(name)' that does not map strings to strings"
                    : "has an entry '\(name)' without a sound dtype, shape and data_offsets")
        } catch {
            throw .header("is not JSON")
        }
    }
}

/// JSON that is the same for equal values: sorted keys, no white space.
package enum JSONText {
    package static func encode(_ value: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(value)
        } catch {
            preconditionFailure("a value of ours has no JSON form: \(error)")
        }
    }
}

extension InterchangeError {
    fileprivate static func header(_ fault: String) -> Self {
        Self(.notSafetensors, "this is no safetensors file: its header \(fault)")
    }
}
