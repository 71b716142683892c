/// A hyperparameter of a layer as it stands in a file: in the header of a network file or in a YAML architecture.
package enum Attribute: Hashable, Sendable {
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case integers([Int])
}

extension Attribute: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
}

/// Reads a layer's attributes by name and notices what nobody asked for.
package struct AttributeReader {
    private let attributes: [String: Attribute]
    /// The names that were asked for.
    package private(set) var known: [String] = []
    /// The first that was asked for, has no default and is not there; it was read as its smallest value.
    private var missing: String?

    /// No hyperparameter of a small network is larger; products of three stay far from overflow.
    package static let largest = 1 << 20

    package init(_ attributes: [String: Attribute]) { self.attributes = attributes }

    /// An integer within bounds; without a default it must be there.
    package mutating func integer(
        _ name: String, in bounds: ClosedRange<Int> = 1...AttributeReader.largest, default fallback: Int? = nil
    ) throws(NetworkError) -> Int {
        guard let attribute = take(name, optional: fallback != nil) else { return fallback ?? bounds.lowerBound }
        guard case .integer(let value) = attribute, bounds.contains(value) else {
            throw Self.invalid(name, attribute, "an integer, \(Self.words(bounds, for: attribute))")
        }
        return value
    }

    /// An integer, one or more, that may be left out.
    package mutating func optionalInteger(_ name: String) throws(NetworkError) -> Int? {
        guard attributes[name] != nil else {
            known.append(name)
            return nil
        }
        return try integer(name)
    }

    /// A list of integers of one length; one integer stands for a list that repeats it.
    package mutating func integers(
        _ name: String, count: Int, in bounds: ClosedRange<Int> = 1...AttributeReader.largest,
        default fallback: [Int]? = nil
    ) throws(NetworkError) -> [Int] {
        guard let attribute = take(name, optional: fallback != nil) else {
            return fallback ?? Array(repeating: bounds.lowerBound, count: count)
        }
        switch attribute {
        case .integer(let value) where bounds.contains(value): return Array(repeating: value, count: count)
        case .integers(let values) where values.count == count && values.allSatisfy(bounds.contains): return values
        default:
            throw Self.invalid(name, attribute, "\(count) integers, each \(Self.words(bounds, for: attribute))")
        }
    }

    package mutating func number(
        _ name: String, in bounds: ClosedRange<Double>, default fallback: Double
    ) throws(NetworkError) -> Double {
        guard let attribute = take(name, optional: true) else { return fallback }
        switch attribute {
        case .integer(let value) where bounds.contains(Double(value)): return Double(value)
        case .number(let value) where bounds.contains(value): return value
        default: throw Self.invalid(name, attribute, "a number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
    }

    package mutating func boolean(_ name: String, default fallback: Bool) throws(NetworkError) -> Bool {
        guard let attribute = take(name, optional: true) else { return fallback }
        guard case .boolean(let value) = attribute else { throw Self.invalid(name, attribute, "true or false") }
        return value
    }

    /// One of the names of an enumeration, of all of them unless some are given.
    package mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, of allowed: [Choice] = Array(Choice.allCases), default fallback: Choice
    ) throws(NetworkError) -> Choice where Choice.RawValue == String {
        guard let attribute = take(name, optional: true) else { return fallback }
        guard case .text(let text) = attribute, let choice = allowed.first(where: { $0.rawValue == text }) else {
            throw Self.invalid(
                name, attribute, "one of " + allowed.map { "'\($0.rawValue)'" }.joined(separator: ", "))
        }
        return choice
    }

    /// An attribute that only its owner knows how to read; `nil` if it is not there.
    package mutating func attribute(_ name: String) -> Attribute? {
        known.append(name)
        return attributes[name]
    }

    /// Throws if an attribute was given that no reading asked for, or one is missing that must be there.
    package func finish() throws(NetworkError) {
        if let unknown = attributes.keys.sorted().first(where: { !known.contains($0) }) {
            let names = known.isEmpty ? "it takes none" : "known: " + known.sorted().joined(separator: ", ")
            let meant = missing.map { "did you mean '\($0)', which is missing? " } ?? ""
            throw NetworkError(.invalidAttribute, "unknown attribute '\(unknown)'; \(meant)\(names)")
        }
        if let missing { throw Self.missing(missing) }
    }

    /// What to say of a layer that could not be read: that an attribute is missing comes first.
    func fault(after error: NetworkError) -> NetworkError { missing.map(Self.missing) ?? error }

    private static func missing(_ name: String) -> NetworkError {
        NetworkError(.invalidAttribute, "attribute '\(name)' is missing")
    }

    /// What is expected; the upper bound only where it was passed.
    private static func words(_ bounds: ClosedRange<Int>, for attribute: Attribute) -> String {
        let values: [Int] =
            switch attribute {
            case .integer(let value): [value]
            case .integers(let values): values
            default: []
            }
        let isTooLarge = values.contains { $0 > bounds.upperBound }
        return isTooLarge || bounds.upperBound != largest
            ? "from \(bounds.lowerBound) to \(bounds.upperBound)" : "\(bounds.lowerBound) or more"
    }

    package static func invalid(_ name: String, _ attribute: Attribute, _ expected: String) -> NetworkError {
        NetworkError(.invalidAttribute, "attribute '\(name)' is \(attribute); expected \(expected)")
    }

    private mutating func take(_ name: String, optional: Bool) -> Attribute? {
        let attribute = attribute(name)
        if attribute == nil, !optional { missing = missing ?? name }
        return attribute
    }
}

extension Attribute: CustomStringConvertible {
    package var description: String {
        switch self {
        case .boolean(let value): String(value)
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .text(let value): "'\(value)'"
        case .integers(let values): String(describing: values)
        }
    }
}
