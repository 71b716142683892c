internal import Planning

extension PlanGraph {
    /// The graph in the language of Graphviz: `dot -Tsvg` draws it.
    ///
    /// What runs is filled, what is reused is grey, what is left out is dashed.
    var dot: String {
        var lines = [
            "digraph pare {", "  rankdir=LR",
            "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontsize=11]",
            "  edge [fontname=\"sans-serif\", fontsize=9]",
        ]
        for (number, recipe) in recipes.enumerated() {
            let own = boxes.filter { $0.recipe == number }
            guard !own.isEmpty else { continue }
            lines += ["  subgraph cluster_\(number) {", "    label=\(Self.dotText([recipe]))"]
            lines += own.map { "    " + Self.dot($0) }
            lines.append("  }")
        }
        lines += boxes.filter { $0.recipe == nil }.map { "  " + Self.dot($0) }
        lines += arrows.map { arrow in
            let label = arrow.role.map { " [style=dashed, label=\(Self.dotText([$0]))]" } ?? ""
            return "  n\(arrow.from) -> n\(arrow.to)\(label)"
        }
        return (lines + ["}"]).map { $0 + "\n" }.joined()
    }

    private static func dot(_ box: Box) -> String {
        let look =
            switch box.decision {
            case .run, .share: "fillcolor=\"#fde9c8\""
            case .reuse: "fillcolor=\"#e8e8e8\", fontcolor=\"#555555\""
            case .skip: "fillcolor=\"#ffffff\", fontcolor=\"#888888\", style=\"rounded,dashed\""
            }
        return "n\(box.number) [label=\(dotText(box.title + [box.decision.description])), \(look)]"
    }

    /// Lines as a quoted text, in which only quotes and backslashes have a meaning.
    private static func dotText(_ lines: [String]) -> String {
        let escaped = lines.map {
            $0.oneLine.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        }
        return "\"\(escaped.joined(separator: "\\n"))\""
    }
}
