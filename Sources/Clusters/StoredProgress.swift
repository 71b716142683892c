package import Checkpoints
package import Planning

/// What a store holds of the stages that a plan makes; two looks that differ show that work was done.
///
/// A job that its time limit ends goes on only if it came further: else it would come back for ever.
package struct StoredProgress: Hashable, Sendable {
    private enum Holding: Hashable, Sendable {
        case state(RecordState)
        case checkpoint(Store.CheckpointLookup)
    }

    private var holdings: [StageKey: Holding] = [:]

    /// Looks at the store; what cannot be read counts as absent.
    package init(of plan: RunPlan, in store: Store) {
        for (node, decision) in zip(plan.graph.nodes, plan.decisions) {
            guard case .run = decision else { continue }
            let state = (try? store.state(of: node.key)) ?? .absent
            holdings[node.key] =
                state == .started ? .checkpoint((try? store.checkpoint(of: node.key)) ?? .absent) : .state(state)
        }
    }
}
