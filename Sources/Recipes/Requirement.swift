/// A bound on a metric: `>= 0.92`, `<= 0.5 KiB`, `>= load - 1 points`.
package struct Requirement: Hashable, Sendable, CustomStringConvertible {
    package enum Comparison: String, CaseIterable, Sendable {
        // In this order the longer sign is found first.
        case atLeast = ">="
        case atMost = "<="
        case equal = "=="
        case above = ">"
        case below = "<"
    }

    package let comparison: Comparison

    /// The stage whose own measure the bound is relative to.
    package let stage: String?

    /// The bound; with a stage, what is added to its measure (`nil`: nothing), negative if `isSubtracted`.
    package let quantity: Quantity?

    package let isSubtracted: Bool

    /// The text in one spelling: single blanks, units as they were written.
    package var description: String {
        var words = [comparison.rawValue]
        if let stage { words.append(stage) }
        if let quantity {
            if stage != nil { words.append(isSubtracted ? "-" : "+") }
            words.append(quantity.description)
        }
        return words.joined(separator: " ")
    }

    /// Why a text is no requirement: a phrase for a message.
    package struct Fault: Error {
        package let problem: String
        package let help: String
    }

    private static let example = "write it like '>= 0.92', '<= 0.5 KiB' or '>= load - 1 points'"

    /// Reads a requirement.
    package init(_ text: String) throws(Fault) {
        let text = Substring(text).trimmed
        guard let comparison = Comparison.allCases.first(where: { text.hasPrefix($0.rawValue) }) else {
            throw Fault(problem: "has no comparison, expected >=, <=, ==, > or <", help: Self.example)
        }
        let bound = text.dropFirst(comparison.rawValue.count).trimmed
        self.comparison = comparison
        if let quantity = Quantity(bound) {
            guard quantity.unit != .points else {
                throw Fault(
                    problem: "has points without a stage to count from",
                    help: "write a share such as '92 %', or name a stage as in '>= load - 1 points'")
            }
            (stage, isSubtracted, self.quantity) = (nil, false, quantity)
            return
        }

        // The id of a stage, which may have a '-' within, then a sign between blanks and a quantity.
        let words = bound.split(separator: " ", maxSplits: 2)
        guard let name = words.first, String(name).isIdentifier else {
            throw Fault(problem: "has no bound, expected a number, a size or a stage", help: Self.example)
        }
        stage = String(name)
        guard words.count > 1 else {
            (isSubtracted, quantity) = (false, nil)
            return
        }
        guard words.count == 3, words[1] == "-" || words[1] == "+", let quantity = Quantity(words[2]) else {
            throw Fault(
                problem: "has no difference after '\(name)', expected '+' or '-' and a number", help: Self.example)
        }
        guard quantity.unit != .percent else {
            throw Fault(
                problem: "has a difference in %, which could be of the measure or of the whole",
                help: "write the difference of two percentages in points, as in '- 1 points'")
        }
        (isSubtracted, self.quantity) = (words[1] == "-", quantity)
    }
}

// MARK: - Checking a measure

extension Requirement {
    /// The bound as a number, in exact decimal arithmetic: memory in bytes, shares from 0 to 1.
    ///
    /// - Parameter reference: What ``stage`` measured. Must be finite, and given if there is a stage.
    package func bound(reference: Double?) -> Double {
        precondition((stage == nil) == (reference == nil), "a reference belongs to a requirement with a stage")
        let offset = quantity?.value ?? ExactDecimal(0)
        guard let reference else { return offset.double }
        return (ExactDecimal(reference) + (isSubtracted ? -offset : offset)).double
    }

    /// Whether a measure meets the bound; NaN never does.
    package func isMet(by measured: Double, reference: Double?) -> Bool {
        let bound = bound(reference: reference)
        return switch comparison {
        case .atLeast: measured >= bound
        case .atMost: measured <= bound
        case .equal: measured == bound
        case .above: measured > bound
        case .below: measured < bound
        }
    }
}
