import Documents
import Planning
import Reports
import Testing

/// A store that holds stages of some kinds.
private struct Kinds: Holdings {
    let kinds: [StageKey: String]
    let held: Set<String>

    init(_ graph: StageGraph, held: Set<String>) {
        kinds = Dictionary(graph.nodes.map { ($0.key, $0.specification.kind) }, uniquingKeysWith: { $1 })
        self.held = held
    }

    func state(of key: StageKey) -> RecordState { held.contains(kinds[key] ?? "") ? .complete : .absent }
    func latestIngredients(recipe: String, stage: String) -> JSONValue? { nil }
    func latestIngredients(kind: String, reads: JSONValue) -> JSONValue? { nil }
}

@Suite struct PlanGraphTests {
    /// Two recipes that share all but their last stage.
    private func report() throws -> PlanReport {
        func recipe(_ name: String, _ last: StageSpecification) -> RecipeStages {
            RecipeStages(
                name: name, seed: 0,
                stages: [
                    StageSpecification(id: "load", kind: "load"),
                    StageSpecification(
                        id: "small", kind: "prune", needs: ["load"], reads: [StageRead(role: "network", id: "load")]),
                    StageSpecification(
                        id: "evaluate", kind: "evaluate", needs: ["small"],
                        reads: [StageRead(role: "network", id: "small")], isTransparent: true),
                    last,
                ])
        }
        let graph = StageGraph([
            recipe(
                "road",
                StageSpecification(
                    id: "quantize", kind: "quantize", needs: ["evaluate"],
                    reads: [StageRead(role: "network", id: "small"), StageRead(role: "retrain.teacher", id: "load")])),
            recipe(
                "field \"a\\b\"\n",
                StageSpecification(
                    id: "train", kind: "train", needs: ["evaluate"], reads: [StageRead(role: "network", id: "small")])),
        ])
        return PlanReport(try RunPlan(graph, holdings: Kinds(graph, held: ["load", "prune"]), until: "evaluate"))
    }

    @Test func `a plan is drawn by Graphviz: what recipes share stands once, beside them`() throws {
        #expect(
            try report().dot == #"""
                digraph pare {
                  rankdir=LR
                  node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=11]
                  edge [fontname="sans-serif", fontsize=9]
                  subgraph cluster_0 {
                    label="road"
                    n3 [label="quantize\nskipped: not needed for evaluate", fillcolor="#ffffff", fontcolor="#888888", style="rounded,dashed"]
                  }
                  subgraph cluster_1 {
                    label="field \"a\\b\" "
                    n4 [label="train\nskipped: not needed for evaluate", fillcolor="#ffffff", fontcolor="#888888", style="rounded,dashed"]
                  }
                  n0 [label="load\nof road, field \"a\\b\" \nreused", fillcolor="#e8e8e8", fontcolor="#555555"]
                  n1 [label="small (prune)\nof road, field \"a\\b\" \nreused", fillcolor="#e8e8e8", fontcolor="#555555"]
                  n2 [label="evaluate\nof road, field \"a\\b\" \nruns: never run", fillcolor="#fde9c8"]
                  n0 -> n1
                  n1 -> n2
                  n2 -> n3
                  n1 -> n3 [style=dashed, label="network"]
                  n0 -> n3 [style=dashed, label="retrain.teacher"]
                  n2 -> n4
                  n1 -> n4 [style=dashed, label="network"]
                }

                """#)
    }

    @Test func `a plan is drawn by Mermaid, with whatever could have a meaning escaped`() throws {
        #expect(
            try report().mermaid == #"""
                flowchart LR
                  subgraph r0["road"]
                    n3["quantize<br/>skipped: not needed for evaluate"]:::skip
                  end
                  subgraph r1["field #34;a#92;b#34; "]
                    n4["train<br/>skipped: not needed for evaluate"]:::skip
                  end
                  n0["load<br/>of road, field #34;a#92;b#34; <br/>reused"]:::reuse
                  n1["small (prune)<br/>of road, field #34;a#92;b#34; <br/>reused"]:::reuse
                  n2["evaluate<br/>of road, field #34;a#92;b#34; <br/>runs: never run"]:::run
                  n0 --> n1
                  n1 --> n2
                  n2 --> n3
                  n1 -. "network" .-> n3
                  n0 -. "retrain.teacher" .-> n3
                  n2 --> n4
                  n1 -. "network" .-> n4
                  classDef run fill:#fde9c8,stroke:#c98a1b,color:#000000
                  classDef reuse fill:#e8e8e8,stroke:#999999,color:#555555
                  classDef skip fill:#ffffff,stroke:#999999,color:#888888,stroke-dasharray:4

                """#)
    }
}
