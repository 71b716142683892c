package import Documents

/// How many parameters a network shall be left with, in one of the three ways in which a recipe may say it.
package enum ParameterGoal: Sendable, Equatable {
    /// A count.
    case totalParameters(Int)

    /// The share that goes away, of the total parameters of the network that was loaded.
    case reduction(ExactDecimal)

    /// The size of the float32 network in bytes, four for each parameter.
    case memory(bytes: Int)

    /// The options that give a goal, for the schema of a stage or of a budget: one of them must be set.
    package static let options = [
        OptionSchema("totalParameters", .integer(1...Int.max), "parameters that are left at the most"),
        OptionSchema("reduction", .proportion(0...1), "the share of the loaded network's parameters that goes away"),
        OptionSchema("memory", .memory, "size of the float32 network that is left at the most"),
    ]

    /// The goal as a mapping: exactly one of the options.
    package static let schema = ObjectSchema(options, groups: [.exactlyOne(options.map(\.name))])

    /// Reads the checked form of ``schema``; `nil` if none of the options is there.
    package init?(_ checked: JSONValue) {
        if let count = checked["totalParameters"]?.whole {
            self = .totalParameters(count)
        } else if let share = checked["reduction"]?.double {
            self = .reduction(ExactDecimal(share))
        } else if let bytes = checked["memory"]?.whole {
            self = .memory(bytes: bytes)
        } else {
            return nil
        }
    }

    /// The goal as an exact count, before it is rounded down, and at most `total`.
    private func count(of total: Int) -> ExactDecimal {
        switch self {
        case .totalParameters(let count): ExactDecimal(min(count, total))
        case .reduction(let share): ExactDecimal(total) * (ExactDecimal(1) - share)
        case .memory(let bytes): ExactDecimal(min(bytes / 4, total))
        }
    }

    /// The goal as a whole number of parameters, at most `total`.
    ///
    /// - Parameters:
    ///   - total: The total parameters (learnables and states) of the network that was loaded.
    ///   - fraction: The part of the reduction to make; `1` is the whole goal:
    ///     `floor(total - (total - goal) × fraction)`.
    package func parameters(of total: Int, fraction: ExactDecimal = ExactDecimal(1)) -> Int {
        let whole = ExactDecimal(total)
        return (whole - (whole - count(of: total)) * fraction).floor ?? total
    }
}
