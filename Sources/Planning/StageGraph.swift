package import Documents

/// The stages of one or many recipes with their keys and their order.
///
/// A stage stands after the stages that it needs and those that it reads. Stages with equal keys, in one recipe or in
/// several, are one unit of work.
package struct StageGraph: Sendable {
    /// The recipes, as given.
    package let recipes: [RecipeStages]
    /// Every stage, recipe after recipe, in recipe order.
    package let nodes: [Node]
    /// The indices of ``nodes`` with every stage after those it depends on; recipe order where that is free.
    package let order: [Int]
    /// For each recipe the indices of its stages in ``nodes``.
    package let indices: [Range<Int>]

    /// One stage in the graph.
    package struct Node: Sendable {
        /// The index of the recipe in ``StageGraph/recipes``.
        package let recipe: Int
        /// The name of the recipe.
        package let recipeName: String
        /// The place of the stage in its recipe, from 0.
        package let position: Int
        /// What the recipe asks.
        package let specification: StageSpecification
        /// The indices in ``StageGraph/nodes`` of ``StageSpecification/needs``.
        package let needs: [Int]
        /// The indices in ``StageGraph/nodes`` of ``StageSpecification/reads``.
        package let reads: [Int]
        /// The indices of every stage that must be done first, without repetition, in increasing order.
        package let dependencies: [Int]
        /// What the key is the digest of.
        package fileprivate(set) var ingredients: JSONValue = nil
        /// The content address of what the stage makes.
        package fileprivate(set) var key = StageKey(ingredients: nil)
    }

    /// Computes the order and every key.
    ///
    /// - Precondition: Ids are unique in a recipe, `needs` and `reads` name stages of the same recipe, and there is
    ///   no cycle; whoever reads the recipe has reported such faults.
    /// - Complexity: O(*n* + *e*), where *n* is the number of stages and *e* that of edges.
    package init(_ recipes: [RecipeStages]) {
        var nodes: [Node] = []
        var indices: [Range<Int>] = []
        for (recipe, stages) in recipes.enumerated() {
            indices.append(nodes.count..<nodes.count + stages.stages.count)
            nodes += Self.nodes(of: stages, recipe: recipe, from: nodes.count)
        }
        let order = Self.order(nodes)
        for index in order {
            let producers = nodes[index].reads.map { nodes[$0].key }
            nodes[index].ingredients = StageKey.ingredients(of: nodes[index].specification, producers: producers)
            nodes[index].key = StageKey(ingredients: nodes[index].ingredients)
        }
        self.recipes = recipes
        self.nodes = nodes
        self.order = order
        self.indices = indices
    }
}

// MARK: - Building

extension StageGraph {
    private static func nodes(of recipe: RecipeStages, recipe number: Int, from first: Int) -> [Node] {
        var indices: [String: Int] = [:]
        for (position, stage) in recipe.stages.enumerated() {
            let earlier = indices.updateValue(first + position, forKey: stage.id)
            precondition(earlier == nil, "two stages of '\(recipe.name)' have the id '\(stage.id)'")
        }
        return recipe.stages.enumerated().map { position, stage in
            func index(_ id: String) -> Int {
                guard let index = indices[id] else { preconditionFailure("'\(recipe.name)' has no stage '\(id)'") }
                return index
            }
            let needs = stage.needs.map(index)
            let reads = stage.reads.map { index($0.id) }
            return Node(
                recipe: number, recipeName: recipe.name, position: position, specification: stage, needs: needs,
                reads: reads, dependencies: Set(needs + reads).sorted())
        }
    }

    private static func order(_ nodes: [Node]) -> [Int] {
        var schedule = Schedule(dependencies: nodes.map(\.dependencies))
        var order: [Int] = []
        while let next = schedule.next() {
            order.append(next)
            schedule.finish(next)
        }
        precondition(order.count == nodes.count, "the stages form a cycle")
        return order
    }
}
