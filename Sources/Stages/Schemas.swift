package import Documents
internal import Recipes

/// The JSON Schemas that follow from the options, for editors and for other programs.
package enum Schemas {
    /// File names in `schemas/` and their documents.
    package static var documents: [(fileName: String, document: JSONValue)] {
        [
            ("recipe.schema.json", Recipe.jsonSchema(kinds: StageKinds.schemas)),
            ("dataset.schema.json", DatasetFile.schema.jsonSchema(title: "Pare data set")),
            ("architecture.schema.json", ArchitectureFile.schema.jsonSchema(title: "Pare architecture")),
        ]
    }
}
