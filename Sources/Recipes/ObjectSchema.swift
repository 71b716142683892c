package import Documents

/// One option: a key of a mapping, what it may hold, and what it is without being written.
package struct OptionSchema: Sendable {
    package let name: String
    package let value: ValueSchema
    package let presence: Presence

    /// What it does, in a line: for JSON Schema, editors and messages.
    package let summary: String

    package enum Presence: Sendable {
        case required

        /// Left out of the checked value if it is not written.
        case optional

        /// The value if it is not written, in the form in which a user would write it (`"80 %"`, not `0.8`).
        case filled(JSONValue)
    }

    /// An option that may be left out.
    package init(_ name: String, _ value: ValueSchema, _ summary: String) {
        self.init(name, value, .optional, summary)
    }

    /// An option with a default, in the form in which a user would write it.
    package init(_ name: String, _ value: ValueSchema, default: JSONValue, _ summary: String) {
        self.init(name, value, .filled(`default`), summary)
    }

    package init(_ name: String, _ value: ValueSchema, _ presence: Presence, _ summary: String) {
        self.name = name
        self.value = value
        self.presence = presence
        self.summary = summary
    }
}

/// A rule about which options of a mapping may be written together.
package enum OptionGroup: Sendable {
    case exactlyOne([String])
    case atMostOne([String])

    /// The first option needs the second one.
    case needs(String, String)
}

/// A mapping with known keys.
package struct ObjectSchema: Sendable {
    package let options: [OptionSchema]
    package let groups: [OptionGroup]

    /// The beginning of keys that are free, such as `x-`.
    package let freePrefix: String?

    package init(_ options: [OptionSchema], groups: [OptionGroup] = [], freePrefix: String? = nil) {
        self.options = options
        self.groups = groups
        self.freePrefix = freePrefix
    }

    package subscript(_ name: String) -> OptionSchema? { options.first { $0.name == name } }

    /// What is expected, in words: with the keys of which one must be there, if there is such a rule.
    var expectation: String {
        for case .exactlyOne(let names) in groups {
            let quoted = names.map { "'\($0)'" }
            let start = quoted.dropLast().joined(separator: ", ")
            return "a mapping with " + (start.isEmpty ? "" : start + " or ") + (quoted.last ?? "")
        }
        return "a mapping"
    }
}
