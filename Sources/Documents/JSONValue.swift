/// A JSON document as a value, with one canonical text.
///
/// Artifacts, run records, options and events are all made of it. Objects are sorted by key when written,
/// so equal values have equal bytes. A number that is not finite has no JSON form: it is written as `null`,
/// and whoever writes it puts a flag beside it.
package enum JSONValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

// MARK: - Reading parts

extension JSONValue {
    /// The member of an object, or `nil` if this is no object or has no such member.
    package subscript(_ key: String) -> JSONValue? {
        get { if case .object(let members) = self { members[key] } else { nil } }
        set {
            var members = self.members ?? [:]
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The value at a dotted path such as `network.totalParameters`.
    package func value(at path: String) -> JSONValue? {
        path.split(separator: ".").reduce(Optional(self)) { value, key in value?[String(key)] }
    }

    /// The value without the member at a dotted path.
    package func removing(_ path: String) -> JSONValue {
        var keys = path.split(separator: ".", maxSplits: 1).map(String.init)
        guard let key = keys.first, let member = self[key] else { return self }
        var value = self
        value[key] = keys.count == 1 ? nil : member.removing(keys.removeLast())
        return value
    }

    package var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
    package var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    package var text: String? { if case .string(let text) = self { text } else { nil } }
    package var flag: Bool? { if case .boolean(let flag) = self { flag } else { nil } }
    package var isNull: Bool { self == .null }

    /// The number of an `integer` or of a `number` without a fraction.
    package var whole: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number of an `integer` or a `number`.
    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

// MARK: - Literals

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(Dictionary(members, uniquingKeysWith: { $1 }))
    }
}
