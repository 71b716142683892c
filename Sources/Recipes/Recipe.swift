package import Diagnostics
package import Documents

/// A recipe that was read and found right: every option has its canonical value, every stage that is named exists.
package struct Recipe: Sendable {
    package let source: SourceFile
    package let version: Int
    package let name: String
    package let description: String?

    /// Every random choice of a run derives from it; not negative.
    package let seed: Int

    package let budget: Budget?

    /// The stages in the order of the file.
    package let stages: [StageDeclaration]

    /// Indices into ``stages``: each stage after those it needs or names, else in the order of the file.
    package let order: [Int]

    /// The points of a sweep, checked against the options they set; `pare run` does not read it.
    package let sweep: JSONValue?

    /// The canonical values of the top-level keys, with their places: `budget.totalParameters`.
    package let header: CheckedValue

    package subscript(_ id: String) -> StageDeclaration? { stages.first { $0.id == id } }
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
            OptionSchema("sweep", .object(sweepSchema), "options to vary, and what to look for"),
        ], freePrefix: "x-")

    private static let sweepSchema = ObjectSchema([
        OptionSchema(
            "parameters", .map(of: .list(of: .anything, minimum: 1)), .required,
            "a mapping from the paths of options to the values to try"),
        OptionSchema(
            "objective",
            .object(
                ObjectSchema(
                    [
                        OptionSchema("maximize", .text, "the path of a result"),
                        OptionSchema("minimize", .text, "the path of a result"),
                        OptionSchema(
                            "subjectTo", .map(of: .requirement), "requirements on the paths of results"),
                    ], groups: [.exactlyOne(["maximize", "minimize"])])),
            "what is best"),
    ])
}
