internal import Diagnostics
internal import Documents
internal import Recipes

/// The `goal` of a structural stage: `budget`, or a goal of its own.
enum GoalOption {
    static let value = ValueSchema.any([.choice(["budget"]), .object(ParameterGoal.schema)])

    /// The share of the recipe's budget that a stage takes.
    enum Share {
        case prune
        case project

        /// What to do about a goal that is too low.
        fileprivate var remedy: String {
            switch self {
            case .prune: "raise the goal, or lower 'minimumFraction'"
            case .project: "raise the goal, or let the stages before it remove more"
            }
        }
    }

    /// The goal of a stage as a count of parameters.
    ///
    /// - Parameters:
    ///   - lowest: The fewest total parameters that the stage can reach; 0 if that is not known.
    /// - Returns: `.some(nil)` for a stage without a goal, `nil` after a diagnostic.
    static func resolve(
        _ stage: StageDeclaration, share: Share, prospect: Prospect, lowest: Int,
        in context: inout ResolvingContext
    ) -> Int?? {
        guard let written = stage.options["goal"] else { return .some(nil) }
        let total = prospect.loadedTotalParameters
        let goal: Int
        let span = stage.options.span(at: "goal")
        if written == "budget" {
            guard let budget = context.recipe.budget else {
                context.report(
                    .missingOption, "stage '\(stage.id)' takes its goal from the budget, and the recipe has none",
                    at: span, help: ["add 'budget: {totalParameters: ...}' at the top level, or give a goal here"])
                return nil
            }
            let goals = budget.goals(totalParameters: total)
            goal = share == .prune ? goals.prune : goals.project
        } else if let own = ParameterGoal(written) {
            goal = own.parameters(of: total)
        } else {
            return .some(nil)
        }
        guard goal >= lowest else {
            context.report(
                .goalUnreachable,
                "stage '\(stage.id)' cannot reach \(goal) total parameters: the structure allows \(lowest) at the least",
                at: span, help: [share.remedy])
            return nil
        }
        return goal
    }

    /// The row of an artifact: what was asked for and what came of it.
    static func json(requested: Int, reached: Int) -> JSONValue {
        ["requested": .integer(requested), "reached": .integer(reached), "met": .boolean(reached <= requested)]
    }
}
