internal import Planning

/// The stages of a plan as boxes and arrows: what the pictures of a plan are drawn from.
///
/// Stages with equal keys are one box. A box that several recipes share stands in none of them and names them all.
struct PlanGraph {
    /// One box.
    struct Box {
        /// Its number among all boxes.
        let number: Int
        /// The id of the stage, its kind if that is another word, and for whom it is if several share it.
        let title: [String]
        let decision: RunPlan.Decision
        /// The recipe that has it alone, or `nil` if several share it.
        let recipe: Int?
    }

    /// From a stage to one that needs it or reads what it made.
    struct Arrow: Hashable {
        let from: Int
        let to: Int
        /// What the record is to its reader, if that is not the stage before it.
        let role: String?
    }

    let recipes: [String]
    let boxes: [Box]
    let arrows: [Arrow]

    init(_ plan: RunPlan) {
        let nodes = plan.graph.nodes
        var numbers: [StageKey: Int] = [:]
        var members: [[Int]] = []
        for (index, node) in nodes.enumerated() {
            if let number = numbers[node.key] {
                members[number].append(index)
            } else {
                numbers[node.key] = members.count
                members.append([index])
            }
        }
        recipes = plan.graph.recipes.map(\.name)
        boxes = members.enumerated().map { number, indices in
            let owners = indices.map { nodes[$0].recipeName }.withoutRepetition
            let ids = indices.map { nodes[$0].specification.id }.withoutRepetition.joined(separator: ", ")
            let kind = nodes[indices[0]].specification.kind
            // Who makes it says why; those that share it only refer to that.
            let decisions = indices.map { plan.decisions[$0] }
            let made = decisions.first { !$0.isSkipped && !$0.isShared } ?? decisions[0]
            return Box(
                number: number,
                title: [ids == kind ? ids : "\(ids) (\(kind))"]
                    + (owners.count > 1 ? ["of \(owners.joined(separator: ", "))"] : []),
                decision: made, recipe: owners.count > 1 ? nil : nodes[indices[0]].recipe)
        }
        var arrows: [Arrow] = []
        for node in nodes {
            guard let to = numbers[node.key] else { continue }
            let needs = node.needs.compactMap { numbers[nodes[$0].key] }
            arrows += needs.map { Arrow(from: $0, to: to, role: nil) }
            for (read, index) in zip(node.specification.reads, node.reads) {
                guard let from = numbers[nodes[index].key], !needs.contains(from) else { continue }
                arrows.append(Arrow(from: from, to: to, role: read.role))
            }
        }
        self.arrows = arrows.withoutRepetition
    }
}

extension RunPlan.Decision {
    fileprivate var isShared: Bool { if case .share = self { true } else { false } }
}

extension Sequence where Element: Hashable {
    /// The elements in their order, each once.
    var withoutRepetition: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
