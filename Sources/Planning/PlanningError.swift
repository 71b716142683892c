/// A plan that cannot be made.
package struct PlanningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure this is.
    package struct Code: Hashable, Sendable {
        private let name: String

        /// A stage was asked for by an id that a recipe does not have.
        package static let unknownStage = Code(name: "unknownStage")
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
}
