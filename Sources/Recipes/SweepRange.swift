internal import Diagnostics
internal import Documents
internal import Foundation
internal import RecipeSyntax

/// A range of numbers that the values of an option are drawn from: `{from: 1e-4, to: 1e-1, scale: log}`.
struct SweepRange: Sendable {
    let from: Double
    let to: Double
    let isLogarithmic: Bool
    let form: Form
    let span: SourceSpan

    /// How a drawn number is written.
    enum Form: Sendable {
        case whole, real, bytes
    }

    static let schema = ObjectSchema([
        OptionSchema("from", .anything, .required, "the least value"),
        OptionSchema("to", .anything, .required, "the largest value"),
        OptionSchema(
            "scale", .choice(["linear", "log"]), default: "linear", "what is drawn evenly: values or their logarithms"),
    ])

    /// The value for a number drawn evenly from 0 up to, but not including, 1.
    ///
    /// Whole numbers come up equally often, ends included. Others are rounded to six digits, so that the last bits of
    /// a logarithm, which differ between systems, decide nothing.
    func value(at position: Double) -> SweepValue {
        let end = form == .real ? to : to + 1
        let exact = isLogarithmic ? exp(log(from) + position * (log(end) - log(from))) : from + position * (end - from)
        let number = min(max(form == .real ? exact.rounded(digits: 6) : exact.rounded(.down), from), to)
        let json: JSONValue =
            switch form {
            case .real: .number(number)
            case .whole: .integer(Int(number))
            case .bytes: .string("\(Int(number)) B")
            }
        return SweepValue(node: Node(json, at: span), canonical: json)
    }
}

extension SweepRange.Form {
    /// The form of numbers that an option takes, or `nil` if it takes none.
    init?(_ schema: ValueSchema) {
        switch schema {
        case .integer: self = .whole
        case .number, .proportion: self = .real
        case .memory: self = .bytes
        case .oneOrMany(let element):
            guard let form = Self(element) else { return nil }
            self = form
        case .any(let schemas):
            guard let form = schemas.lazy.compactMap({ Self($0) }).first else { return nil }
            self = form
        default: return nil
        }
    }
}

extension Double {
    /// The nearest number with so many digits that count.
    fileprivate func rounded(digits: Int) -> Double { Double(String(format: "%.\(digits - 1)e", self)) ?? self }
}
