package import Diagnostics
package import Documents

/// A recipe that was read and found right: every option has its canonical value, every stage that is named exists.
package struct Recipe: Sendable {
    package let source: SourceFile
    package let version: Int
    package private(set) var name: String
    package let description: String?

    /// Every random choice of a run derives from it; not negative.
    package let seed: Int

    package private(set) var budget: Budget?

    /// The stages in the order of the file.
    package private(set) var stages: [StageDeclaration]

    /// Indices into ``stages``: each stage after those it needs or names, else in the order of the file.
    package let order: [Int]

    /// What is varied and what is looked for; `pare run` does not read it.
    package let sweep: Sweep?

    /// The canonical values of the top-level keys, with their places: `budget.totalParameters`.
    package let header: CheckedValue

    package subscript(_ id: String) -> StageDeclaration? { stages.first { $0.id == id } }

    /// The same recipe under the name of a run, such as that of a point.
    package func named(_ name: String) -> Recipe {
        var recipe = self
        recipe.name = name
        return recipe
    }

    /// The same recipe with another share of its budget for pruning.
    package func with(pruningFraction: ExactDecimal) -> Recipe {
        var recipe = self
        recipe.budget?.pruningFraction = pruningFraction
        return recipe
    }

    /// The same recipe with a canonical value for an option of every stage of a kind.
    package func with(_ option: String, _ value: JSONValue, ofStages kind: String) -> Recipe {
        var recipe = self
        recipe.stages = stages.map { $0.kind == kind ? $0.with(option, value) : $0 }
        return recipe
    }
}

// MARK: - Schema

extension Recipe {
    /// The version of the file format that this program reads.
    package static let version = 1

    /// The top level.
    ///
    /// The stages are checked on their own, as their options depend on their kinds.
    static let schema = ObjectSchema(
        [
            OptionSchema("version", .integer(version...version), .required, "the format of the file: \(version)"),
            OptionSchema("name", .identifier, .required, "the name of the recipe, used for the folder of a run"),
            OptionSchema("description", .text, "what the recipe is for"),
            OptionSchema("seed", .integer(0...Int.max), default: 0, "every random choice of a run derives from it"),
            OptionSchema("budget", .object(Budget.schema), "one goal that pruning and projection share"),
            OptionSchema("stages", .anything, .required, "the list of the stages"),
            OptionSchema("sweep", .object(Sweep.schema), "options to vary, and what to look for"),
        ], freePrefix: "x-")
}
