package import Documents

/// One goal for the structural stages of a chain, and how pruning and projection share it.
package struct Budget: Sendable, Equatable {
    package var goal: ParameterGoal

    /// The share of the reduction that pruning makes; projection makes the rest.
    package var pruningFraction: ExactDecimal

    package static let schema = ObjectSchema(
        ParameterGoal.options + [
            OptionSchema(
                "pruningFraction", .proportion(0...1), default: 0.5, "the share of the reduction that pruning makes")
        ],
        groups: [.exactlyOne(ParameterGoal.options.map(\.name))])

    package init(goal: ParameterGoal, pruningFraction: ExactDecimal) {
        self.goal = goal
        self.pruningFraction = pruningFraction
    }

    /// Reads the checked form of ``schema``; `nil` if it has no goal.
    package init?(_ checked: JSONValue) {
        guard let goal = ParameterGoal(checked), let fraction = checked["pruningFraction"]?.double else { return nil }
        self.init(goal: goal, pruningFraction: ExactDecimal(fraction))
    }

    /// The goals of the two stages for a loaded network of `total` parameters, in exact arithmetic:
    /// `prune = floor(total - (total - goal) × pruningFraction)` and `project = floor(goal)`.
    package func goals(totalParameters total: Int) -> (prune: Int, project: Int) {
        (goal.parameters(of: total, fraction: pruningFraction), goal.parameters(of: total))
    }
}
