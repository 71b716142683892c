internal import Documents

/// What a run would do with each stage, and why.
///
/// A plan is a value: it reads what the store holds and changes nothing.
package struct RunPlan: Sendable {
    /// What is to be done with one stage.
    package enum Decision: Hashable, Sendable {
        /// Its record is there.
        case reuse
        /// It has to be made.
        case run(RunReason)
        /// Another stage of the run, of this recipe and id, has the same key: made once, used by both.
        case share(recipe: String, id: String)
        /// It is not an ancestor of the stage that the run is limited to.
        case skip(until: String)
    }

    /// The stages and their keys.
    package let graph: StageGraph
    /// One decision for each of the graph's nodes, in the same order.
    package let decisions: [Decision]

    /// Compares the stages with what the store holds.
    ///
    /// - Parameters:
    ///   - graph: The stages.
    ///   - holdings: The store.
    ///   - fresh: Whether every stage is to be made again.
    ///   - from: The id of the stage that is to be made again, with all that reads, directly or not, what it makes, in
    ///     every recipe that has it. What does not read it is reused as ever.
    ///   - until: The id of the stage to which each recipe is limited, with its ancestors.
    /// - Throws: ``PlanningError`` if a recipe has no stage `until`, if none has a stage `from`, or if no stage `from`
    ///   is needed for `until`; and what the store throws.
    package init(
        _ graph: StageGraph, holdings: some Holdings, fresh: Bool = false, from: String? = nil, until: String? = nil
    ) throws {
        let wanted = try until.map { try graph.ancestors(ofStage: $0) }
        let forced = try from.map { try graph.readers(ofStage: $0, until: until, wanted: wanted) } ?? []
        var decisions = Array(repeating: Decision.reuse, count: graph.nodes.count)
        var runner: [StageKey: Int] = [:]
        // For each stage the record that its own is compared with, or its own if it is there.
        var nearest = graph.nodes.map(\.key)
        for index in graph.order {
            let node = graph.nodes[index]
            if let until, let wanted, !wanted.contains(index) {
                decisions[index] = .skip(until: until)
            } else if let first = runner[node.key].map({ graph.nodes[$0] }) {
                decisions[index] = .share(recipe: first.recipeName, id: first.specification.id)
            } else if fresh || forced.contains(node.key) {
                decisions[index] = .run(.forced)
                runner[node.key] = index
            } else if let reason = try Self.reason(
                node, holdings, nearest: &nearest[index], reads: node.reads.map { nearest[$0] },
                runs: { decisions[$0].isMade })
            {
                decisions[index] = .run(reason)
                runner[node.key] = index
            }
        }
        self.graph = graph
        self.decisions = decisions
    }

    /// How many stages the run would make.
    package var runCount: Int { decisions.count { if case .run = $0 { true } else { false } } }
}

extension RunPlan {
    /// Why a stage has to run, or `nil` if its record is there.
    ///
    /// It is compared with what it was last made from; if it had no such name then, with what a stage of its kind was
    /// last made from of the same records, or of those that its producers are compared with.
    private static func reason(
        _ node: StageGraph.Node, _ holdings: some Holdings, nearest: inout StageKey, reads: [StageKey],
        runs: (Int) -> Bool
    ) throws -> RunReason? {
        switch try holdings.state(of: node.key) {
        case .complete: return nil
        case .damaged(let reason): return .recordDamaged(reason)
        case .started: return .interrupted
        case .absent:
            let kind = node.specification.kind
            var earlier = try holdings.latestIngredients(recipe: node.recipeName, stage: node.specification.id)
            if earlier?["kind"]?.text != kind, !reads.isEmpty {
                let reads = StageKey.reads(of: node.specification, producers: reads)
                earlier = try holdings.latestIngredients(kind: kind, reads: reads)
            }
            if let earlier { nearest = StageKey(ingredients: earlier) }
            return RunReason(comparing: node, with: earlier, producersRun: node.reads.map(runs))
        }
    }
}

// MARK: - Text

extension RunPlan.Decision: CustomStringConvertible {
    /// Whether the record is made in this run.
    package var isMade: Bool {
        switch self {
        case .run, .share: true
        case .reuse, .skip: false
        }
    }

    /// Whether the run is limited to other stages.
    package var isSkipped: Bool { if case .skip = self { true } else { false } }

    /// One line for a person.
    package var description: String {
        switch self {
        case .reuse: "reused"
        case .run(let reason): "runs: \(reason)"
        case .share(let recipe, let id): "shared with \(id) of \(recipe)"
        case .skip(let until): "skipped: not needed for \(until)"
        }
    }
}
