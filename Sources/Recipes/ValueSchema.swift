/// What a value in one of our YAML files may be.
///
/// The one mechanism by which every file is checked, filled with defaults, documented and described as JSON Schema.
package indirect enum ValueSchema: Sendable {
    case boolean

    /// A whole number.
    case integer(ClosedRange<Int>)

    /// A finite number.
    case number(NumberRange)

    /// Any text that is not empty.
    case text

    /// A letter, then letters, digits, `-` and `_`.
    case identifier

    /// One of some words.
    case choice([String])

    /// A path relative to the file. It is kept as it was written.
    case path

    /// A size with a unit; in canonical form a whole number of bytes.
    case memory

    /// A share: `0.75` or `75 %`; in canonical form a number.
    case proportion(ClosedRange<Double>)

    /// The id of another stage: an edge of the graph.
    case stage

    /// A layer's name, in which `*` stands for any characters.
    case layerPattern

    /// A bound on a metric, whose name is the option's; in canonical form its text in one spelling.
    case requirement

    /// A list of at least so many values.
    case list(of: ValueSchema, minimum: Int)

    /// A value or a list of such values; in canonical form a list.
    case oneOrMany(ValueSchema)

    /// A mapping with known keys.
    case object(ObjectSchema)

    /// A mapping whose known keys depend on the word that one of them has: `{kind: image, height: 28, ...}`.
    case tagged(by: String, [TaggedObject])

    /// A mapping with keys of the user's own.
    case map(of: ValueSchema)

    /// One of several kinds of value, chosen by whether text, a number, a list or a mapping was written.
    case any([ValueSchema])

    /// Whatever was written.
    case anything
}

/// The mapping that one word of a tag asks for.
package struct TaggedObject: Sendable {
    package let tag: String
    package let schema: ObjectSchema

    package init(_ tag: String, _ schema: ObjectSchema) {
        self.tag = tag
        self.schema = schema
    }
}

/// An interval of numbers; an end may be open.
package struct NumberRange: Sendable, CustomStringConvertible {
    package var minimum: Double?
    package var maximum: Double?
    package var excludesMinimum = false
    package var excludesMaximum = false

    package static let any = NumberRange()
    package static let positive = NumberRange(minimum: 0, excludesMinimum: true)
    package static let notNegative = NumberRange(minimum: 0)

    /// Both ends included.
    package static func from(_ minimum: Double, to maximum: Double) -> Self {
        NumberRange(minimum: minimum, maximum: maximum)
    }

    /// The start included, the end not: for decay rates and the like.
    package static func from(_ minimum: Double, below maximum: Double) -> Self {
        NumberRange(minimum: minimum, maximum: maximum, excludesMaximum: true)
    }

    package func contains(_ value: Double) -> Bool {
        if let minimum, value < minimum || excludesMinimum && value == minimum { return false }
        if let maximum, value > maximum || excludesMaximum && value == maximum { return false }
        return true
    }

    package var description: String {
        let low = minimum.map { (excludesMinimum ? "above " : "of at least ") + $0.shortText }
        let high = maximum.map { (excludesMaximum ? "below " : "of at most ") + $0.shortText }
        if let minimum, let maximum, !excludesMinimum, !excludesMaximum {
            return "from \(minimum.shortText) to \(maximum.shortText)"
        }
        return [low, high].compactMap { $0 }.joined(separator: " and ")
    }
}

// MARK: - In words

extension ValueSchema {
    /// What is expected, as it stands in a message after "must be".
    package var expectation: String {
        switch self {
        case .boolean: "true or false"
        case .integer(let range): Self.words(range)
        case .number(let range): ["a number", range.description].filter { !$0.isEmpty }.joined(separator: " ")
        case .text: "text"
        case .identifier: "a name of letters, digits, '-' and '_' that begins with a letter"
        case .choice(let words): words.count == 1 ? "'\(words[0])'" : "one of " + words.joined(separator: ", ")
        case .path: "a path"
        case .memory: "a memory size such as 4 KiB"
        case .proportion(let range): Self.words(range)
        case .stage: "the id of a stage"
        case .layerPattern: "the name of a layer, or a pattern such as conv_*"
        case .requirement: "a requirement such as '>= 0.92'"
        case .list(_, let minimum): minimum == 0 ? "a list" : "a list of at least \(minimum)"
        case .oneOrMany(let value): "\(value.expectation), or a list of such"
        case .object(let schema): schema.expectation
        case .tagged(let key, let objects):
            "a mapping with '\(key)' (\(objects.map(\.tag).joined(separator: ", ")))"
        case .map: "a mapping"
        case .any(let schemas): schemas.map(\.expectation).joined(separator: ", or ")
        case .anything: "a value"
        }
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (Int.min, Int.max): "a whole number"
        case (let low, Int.max): "a whole number of at least \(low)"
        case (let low, let high) where low == high: "\(low)"
        case (let low, let high): "a whole number from \(low) to \(high)"
        }
    }

    private static func words(_ range: ClosedRange<Double>) -> String {
        "a proportion from \(range.lowerBound.shortText) to \(range.upperBound.shortText), such as 0.75 or 75 %"
    }
}

extension Double {
    /// `3` instead of `3.0`.
    var shortText: String { Int(exactly: self).map { String($0) } ?? description }
}
