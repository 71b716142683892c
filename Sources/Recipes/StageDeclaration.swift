package import Diagnostics
internal import Documents

/// One stage of a recipe, checked against the schema of its kind.
package struct StageDeclaration: Sendable {
    /// Unique in the recipe.
    package let id: String

    package let kind: String

    /// The ids of the stages it reads, as written or by default the stage before it; empty for a first stage.
    package let needs: [String]

    /// Where each of `needs` stands; for the default, where the kind stands.
    package let needsSpans: [SourceSpan]

    /// The options without `id` and `needs`, defaults filled in.
    package let options: CheckedValue

    /// Where the kind stands.
    package let kindSpan: SourceSpan

    /// Where the whole stage stands.
    package let span: SourceSpan

    func with(_ option: String, _ value: JSONValue) -> StageDeclaration {
        StageDeclaration(
            id: id, kind: kind, needs: needs, needsSpans: needsSpans, options: options.with(option, value),
            kindSpan: kindSpan, span: span)
    }

    /// Options that name a stage: dotted path of the option to id.
    package var references: [String: String] {
        Dictionary(options.references.map { ($0.path, $0.stage) }, uniquingKeysWith: { first, _ in first })
    }
}
