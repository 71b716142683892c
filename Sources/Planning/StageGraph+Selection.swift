extension StageGraph {
    /// The stage of an id in every recipe, and all that it depends on.
    ///
    /// - Throws: ``PlanningError`` if a recipe has no such stage: to limit that recipe would mean nothing.
    func ancestors(ofStage id: String) throws(PlanningError) -> Set<Int> {
        let named = indices(ofStage: id)
        let having = Set(named.map { nodes[$0].recipe })
        if let recipe = recipes.indices.first(where: { !having.contains($0) }) {
            throw .unknownStage(id, in: recipes[recipe])
        }
        var found: Set<Int> = []
        var pending = named
        while let index = pending.popLast() {
            if found.insert(index).inserted { pending += nodes[index].dependencies }
        }
        return found
    }

    /// The keys of the stage of an id in every recipe that has it, and of all that reads, directly or not, what it
    /// makes.
    ///
    /// They are keys, as a stage of another recipe that has one of them is the same work.
    ///
    /// - Parameters:
    ///   - id: The stage.
    ///   - until: The stage to which the recipes are limited.
    ///   - wanted: The indices to which the recipes are limited.
    /// - Throws: ``PlanningError`` if no recipe has such a stage among those that are wanted.
    func readers(ofStage id: String, until: String?, wanted: Set<Int>?) throws(PlanningError) -> Set<StageKey> {
        let all = indices(ofStage: id)
        if all.isEmpty { throw .unknownStage(id, in: recipes) }
        let named = all.filter { wanted?.contains($0) != false }
        if let until, named.isEmpty { throw .notNeeded(id, for: until) }
        var keys = Set(named.map { nodes[$0].key })
        for node in order.map({ nodes[$0] }) where node.reads.contains(where: { keys.contains(nodes[$0].key) }) {
            keys.insert(node.key)
        }
        return keys
    }

    private func indices(ofStage id: String) -> [Int] { nodes.indices.filter { nodes[$0].specification.id == id } }
}
