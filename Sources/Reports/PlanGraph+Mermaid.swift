internal import Planning

extension PlanGraph {
    /// The graph in the language of Mermaid, which the pages of many code hosts draw.
    var mermaid: String {
        var lines = ["flowchart LR"]
        for (number, recipe) in recipes.enumerated() {
            let own = boxes.filter { $0.recipe == number }
            guard !own.isEmpty else { continue }
            lines.append("  subgraph r\(number)[\(Self.mermaidText([recipe]))]")
            lines += own.map { "    " + Self.mermaid($0) }
            lines.append("  end")
        }
        lines += boxes.filter { $0.recipe == nil }.map { "  " + Self.mermaid($0) }
        lines += arrows.map { arrow in
            let line = arrow.role.map { "-. \(Self.mermaidText([$0])) .->" } ?? "-->"
            return "  n\(arrow.from) \(line) n\(arrow.to)"
        }
        lines += [
            "  classDef run fill:#fde9c8,stroke:#c98a1b,color:#000000",
            "  classDef reuse fill:#e8e8e8,stroke:#999999,color:#555555",
            "  classDef skip fill:#ffffff,stroke:#999999,color:#888888,stroke-dasharray:4",
        ]
        return lines.map { $0 + "\n" }.joined()
    }

    private static func mermaid(_ box: Box) -> String {
        let style =
            switch box.decision {
            case .run, .share: "run"
            case .reuse: "reuse"
            case .skip: "skip"
            }
        return "n\(box.number)[\(mermaidText(box.title + [box.decision.description]))]:::\(style)"
    }

    /// Lines as a quoted text: whatever could have a meaning is written as the number of its character.
    private static func mermaidText(_ lines: [String]) -> String {
        let escaped = lines.map { line in
            line.oneLine.unicodeScalars.map { scalar in
                let isPlain = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                return isPlain || " .,:-_()/".unicodeScalars.contains(scalar) ? String(scalar) : "#\(scalar.value);"
            }.joined()
        }
        return "\"\(escaped.joined(separator: "<br/>"))\""
    }
}
