/// A plan that cannot be made.
package struct PlanningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure this is.
    package struct Code: Hashable, Sendable {
        private let name: String

        /// A stage was asked for by an id that a recipe does not have.
        package static let unknownStage = Code(name: "unknownStage")
        /// A stage is to be made again that the run is limited not to need.
        package static let notNeeded = Code(name: "notNeeded")
    }

    package let code: Code
    package let message: String

    package var description: String { message }
}

extension PlanningError {
    static func unknownStage(_ id: String, in recipe: RecipeStages) -> PlanningError {
        let known = recipe.stages.map(\.id).joined(separator: ", ")
        return PlanningError(
            code: .unknownStage, message: "recipe '\(recipe.name)' has no stage '\(id)': its stages are \(known)")
    }

    /// None of some recipes has the stage.
    static func unknownStage(_ id: String, in recipes: [RecipeStages]) -> PlanningError {
        if let recipe = recipes.first, recipes.count == 1 { return unknownStage(id, in: recipe) }
        var known: [String] = []
        var seen: Set<String> = []
        for stage in recipes.flatMap(\.stages) where seen.insert(stage.id).inserted { known.append(stage.id) }
        return PlanningError(
            code: .unknownStage,
            message: "no recipe has a stage '\(id)': their stages are \(known.joined(separator: ", "))")
    }

    static func notNeeded(_ id: String, for until: String) -> PlanningError {
        PlanningError(
            code: .notNeeded,
            message: "stage '\(id)' is not needed for '\(until)', so there is nothing to make again from it")
    }
}
