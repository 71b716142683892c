package import Documents

/// One goal for the structural stages of a chain, and how pruning and projection share it.
package struct Budget: Sendable, Equatable {
    package var goal: ParameterGoal

    /// The share of the reduction that pruning makes, and projection makes the rest; `nil` if it is to be searched.
    package var pruningFraction: ExactDecimal?

    /// The word for a fraction that is to be searched.
    private static let searched = "auto"

    package static let schema = ObjectSchema(
        ParameterGoal.options + [
            OptionSchema(
                "pruningFraction", .any([.proportion(0...1), .choice([searched])]), default: 0.5,
                "the share of the reduction that pruning makes; auto tries 0, 25, 50, 75 and 100 % and takes the one that is "
                    + "best on the validation data")
        ],
        groups: [.exactlyOne(ParameterGoal.options.map(\.name))])

    package init(goal: ParameterGoal, pruningFraction: ExactDecimal?) {
        self.goal = goal
        self.pruningFraction = pruningFraction
    }

    /// Reads the checked form of ``schema``; `nil` if it has no goal.
    package init?(_ checked: JSONValue) {
        guard let goal = ParameterGoal(checked), let fraction = checked["pruningFraction"] else { return nil }
        self.init(goal: goal, pruningFraction: fraction.double.map { ExactDecimal($0) })
    }

    /// The goals of the two stages for a loaded network of `total` parameters, in exact arithmetic:
    /// `prune = floor(total - (total - goal) × pruningFraction)` and `project = floor(goal)`.
    ///
    /// - Precondition: the fraction is known.
    package func goals(totalParameters total: Int) -> (prune: Int, project: Int) {
        guard let pruningFraction else { preconditionFailure("a fraction that is searched is not known") }
        return (goal.parameters(of: total, fraction: pruningFraction), goal.parameters(of: total))
    }
}
