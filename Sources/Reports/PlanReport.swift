package import Documents
package import Planning

/// What a run would do, for `pare plan`.
package struct PlanReport: Sendable {
    private let plan: RunPlan

    package init(_ plan: RunPlan) {
        self.plan = plan
    }

    /// A line for each stage, recipe after recipe, and how many would run.
    package func text(_ style: TextStyle = TextStyle()) -> String {
        var lines: [String] = []
        let several = plan.graph.recipes.count > 1
        for (number, recipe) in plan.graph.recipes.enumerated() {
            if several { lines.append(style.text(recipe.name, .strong)) }
            var table = TextTable([.init(""), .init("")])
            for (node, decision) in zip(plan.graph.nodes, plan.decisions) where node.recipe == number {
                table.append([
                    .init((several ? "  " : "") + node.specification.id),
                    decision.isMade ? .init(decision.description) : .init(decision.description, .faint),
                ])
            }
            lines += table.lines(style)
        }
        let total = plan.graph.nodes.count
        lines.append("\(plan.runCount) of \(total.of("stage")) would run")
        return lines.map { $0 + "\n" }.joined()
    }

    /// The stages as a picture in the language of Graphviz: a cluster for each recipe, what they share beside them.
    package var dot: String { PlanGraph(plan).dot }

    /// The stages as a picture in the language of Mermaid.
    package var mermaid: String { PlanGraph(plan).mermaid }

    /// An event for each stage: `{"event": "stage.planned", "decision": "run", "reason": ...}`.
    package var events: [JSONValue] {
        zip(plan.graph.nodes, plan.decisions).map { node, decision in
            [
                "event": "stage.planned", "recipe": .string(node.recipeName), "id": .string(node.specification.id),
                "kind": .string(node.specification.kind), "key": .string(node.key.description),
                "decision": .string(decision.name), "reason": .string(decision.description),
            ]
        }
    }
}

extension RunPlan.Decision {
    fileprivate var name: String {
        switch self {
        case .reuse: "reuse"
        case .run: "run"
        case .share: "share"
        case .skip: "skip"
        }
    }
}
