package import Documents

/// What a plan asks of the store.
package protocol Holdings {
    /// What is stored for a key.
    func state(of key: StageKey) throws -> RecordState

    /// The ingredients of the key that a stage of a recipe had when it was last done, or `nil` if it never was.
    func latestIngredients(recipe: String, stage: String) throws -> JSONValue?

    /// The ingredients of the key that a stage of some recipe had when it was last done, of those of a kind that read
    /// the same records; `nil` if there was none.
    ///
    /// - Parameters:
    ///   - kind: The stage kind.
    ///   - reads: The `reads` of the ingredients.
    func latestIngredients(kind: String, reads: JSONValue) throws -> JSONValue?
}

/// What the store holds for a key.
package enum RecordState: Hashable, Sendable {
    /// Nothing.
    case absent
    /// An inner checkpoint of a stage that was stopped.
    case started
    /// A record, with every output as its digest says.
    case complete
    /// A record that cannot be used, and why.
    case damaged(String)
}
