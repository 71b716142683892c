package import Documents

/// What a recipe asks of one stage, with every default filled in and every input digested.
///
/// It is made before anything runs, so every key of a run is known before the run starts.
package struct StageSpecification: Hashable, Sendable {
    /// The name of the stage in its recipe; unique there.
    package var id: String
    /// The stage kind, such as `prune`.
    package var kind: String
    /// Counts the changes of the kind's implementation that change its results.
    package var implementationVersion: Int
    /// Every option with defaults filled in: what the artifact shows.
    package var options: JSONValue
    /// ``options`` with each path replaced by the digest of what it names: what enters the key.
    package var keyOptions: JSONValue
    /// The ids of the stages before this one, as the recipe says.
    package var needs: [String]
    /// The stages whose records this one reads; transparent stages are stepped over, option edges are included.
    package var reads: [StageRead]
    /// Whether the stage changes no network, so that those after it read from the stage before it.
    package var isTransparent: Bool
    /// The seed of the recipe, or `nil` if the kind draws no random numbers.
    package var seed: Int?

    /// Whether no recipe names the stage: another one implies it.
    ///
    /// Its id has a dot in it, which ids of recipes have not.
    package var isImplied: Bool { id.contains(".") }

    package init(
        id: String, kind: String, implementationVersion: Int = 1, options: JSONValue = [:],
        keyOptions: JSONValue? = nil, needs: [String] = [], reads: [StageRead] = [], isTransparent: Bool = false,
        seed: Int? = nil
    ) {
        self.id = id
        self.kind = kind
        self.implementationVersion = implementationVersion
        self.options = options
        self.keyOptions = keyOptions ?? options
        self.needs = needs
        self.reads = reads
        self.isTransparent = isTransparent
        self.seed = seed
    }
}

/// One record that a stage reads: in which role, and which stage of the same recipe makes it.
package struct StageRead: Hashable, Sendable {
    /// What the record is to the reader, such as `network` or `teacher`; it enters the key.
    package var role: String
    /// The id of the producer; it does not enter the key.
    package var id: String

    package init(role: String, id: String) {
        self.role = role
        self.id = id
    }
}

/// The stages of one recipe, in the order in which it lists them.
package struct RecipeStages: Hashable, Sendable {
    /// The name of the recipe.
    package var name: String
    /// The seed from which every random choice derives.
    package var seed: Int
    /// The stages in recipe order.
    package var stages: [StageSpecification]
    /// How options of the recipe were found that it left open, for the record of the run; it reaches no key.
    package var search: JSONValue?

    package init(name: String, seed: Int, stages: [StageSpecification]) {
        self.name = name
        self.seed = seed
        self.stages = stages
    }
}
