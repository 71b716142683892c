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
            for index in plan.graph.indices[number] {
                let (node, decision) = (plan.graph.nodes[index], plan.decisions[index])
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
    ///
    /// `needs` are the stages before it, and `reads` those whose records it reads, each with its role: the arrows of the
    /// graph. `why` is the reason for a program (``RunReason/json``), if the stage runs; `share` the stage that makes
    /// the record, if another one does.
    package var events: [JSONValue] {
        zip(plan.graph.nodes, plan.decisions).map { node, decision in
            let stage = node.specification
            var event: JSONValue = [
                "event": "stage.planned", "recipe": .string(node.recipeName), "id": .string(stage.id),
                "kind": .string(stage.kind), "key": .string(node.key.description),
                "decision": .string(decision.name), "reason": .string(decision.description),
                "needs": .array(stage.needs.map { .string($0) }),
                "reads": .array(stage.reads.map { ["role": .string($0.role), "id": .string($0.id)] }),
            ]
            switch decision {
            case .run(let reason): event["why"] = reason.json
            case .share(let recipe, let id): event["share"] = ["recipe": .string(recipe), "id": .string(id)]
            case .reuse, .skip: break
            }
            return event
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
