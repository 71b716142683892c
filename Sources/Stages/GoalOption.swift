internal import Compression
internal import Diagnostics
internal import Documents
internal import Networks
internal import Recipes

/// The `goal` of a structural stage: `budget`, or a goal of its own.
enum GoalOption {
    /// A goal in any of the measures.
    static let value = ValueSchema.any([.choice(["budget"]), .object(schema(ParameterGoal.options + counts))])

    /// A goal in those that follow from the parameters.
    static let valueOfParameters = ValueSchema.any([
        .choice(["budget"]), .object(schema(ParameterGoal.options + counts.prefix(1))),
    ])

    private static func schema(_ options: [OptionSchema]) -> ObjectSchema {
        ObjectSchema(options, groups: [.exactlyOne(options.map(\.name))])
    }

    /// What a goal can count beside what a budget can.
    private static let counts = [
        OptionSchema(
            SizeGoal.Measure.learnables.rawValue, .integer(1...Int.max), "learnables that are left at the most"),
        OptionSchema(
            SizeGoal.Measure.multiplyAccumulates.rawValue, .integer(1...Int.max),
            "multiply-accumulates of one example that are left at the most"),
    ]

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

    /// The goal of a stage as a count: a reduction and a memory size are brought to total parameters.
    ///
    /// - Parameters:
    ///   - lowest: The least that the stage can reach; `nil` if that is not known.
    /// - Returns: `.some(nil)` for a stage without a goal, `nil` after a diagnostic.
    static func resolve(
        _ stage: StageDeclaration, share: Share, prospect: Prospect, lowest: Counts?,
        in context: inout ResolvingContext
    ) -> SizeGoal?? {
        guard let written = stage.options["goal"] else { return .some(nil) }
        let total = prospect.loadedTotalParameters
        let goal: SizeGoal
        let span = stage.options.span(at: "goal")
        if written == "budget" {
            guard let budget = context.recipe.budget else {
                context.report(
                    .missingOption, "stage '\(stage.id)' takes its goal from the budget, and the recipe has none",
                    at: span, help: ["add 'budget: {totalParameters: ...}' at the top level, or give a goal here"])
                return nil
            }
            let goals = budget.goals(totalParameters: total)
            goal = SizeGoal(.totalParameters, atMost: share == .prune ? goals.prune : goals.project)
        } else if let bytes = written["memory"]?.whole {
            goal = SizeGoal(.memory, atMost: bytes)
        } else if let own = ParameterGoal(written) {
            goal = SizeGoal(.totalParameters, atMost: own.parameters(of: total))
        } else if let counted = SizeGoal(written) {
            goal = counted
        } else {
            return .some(nil)
        }
        if let lowest, !goal.isMet(by: lowest) {
            context.report(
                .goalUnreachable,
                "stage '\(stage.id)' cannot reach \(goal.limit) \(goal.measure.noun): "
                    + "the structure allows \(lowest.value(of: goal.measure)) at the least",
                at: span, help: [share.remedy])
            return nil
        }
        return goal
    }

    /// The row of an artifact: what was asked for and what came of it, in the goal's own measure.
    static func json(_ goal: SizeGoal, reached counts: Counts) -> JSONValue {
        [
            "measure": .string(goal.measure.rawValue), "requested": .integer(goal.limit),
            "reached": .integer(counts.value(of: goal.measure)), "met": .boolean(goal.isMet(by: counts)),
        ]
    }
}

extension SizeGoal {
    /// The resolved form of the option.
    var option: JSONValue { .object([measure.rawValue: .integer(limit)]) }

    /// Reads the resolved form of the option.
    init?(_ option: JSONValue?) {
        for measure in Measure.allCases {
            guard let limit = option?[measure.rawValue]?.whole else { continue }
            self.init(measure, atMost: limit)
            return
        }
        return nil
    }
}
