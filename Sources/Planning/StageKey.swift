package import Documents

/// The content address of what a stage makes: the digest of everything that decides its result.
///
/// ```
/// key = SHA-256(canonical JSON of {"implementation", "kind", "options", "reads": [{"key", "role"}], "seed"})
/// ```
///
/// Time, host, path, stage id and number of threads are not in it. A golden test pins the encoding: a change of it
/// makes every stored record unreachable.
package struct StageKey: Hashable, Sendable, CustomStringConvertible {
    /// The digest of the ingredients.
    package let digest: Digest

    package var description: String { digest.hex }

    /// The key of a stage with these ingredients.
    package init(ingredients: JSONValue) {
        digest = Digest(of: ingredients)
    }

    /// Reads 64 lower-case hexadecimal digits; `nil` for anything else.
    package init?(hex: String) {
        guard let digest = Digest(hex: hex) else { return nil }
        self.digest = digest
    }

    /// The document whose digest is the key of a stage.
    ///
    /// - Parameters:
    ///   - specification: The stage.
    ///   - producers: The keys of ``StageSpecification/reads``, in the same order.
    /// - Returns: The ingredients of the key.
    package static func ingredients(of specification: StageSpecification, producers: [StageKey]) -> JSONValue {
        precondition(producers.count == specification.reads.count, "one key for each record that is read")
        var document: JSONValue = [
            "kind": .string(specification.kind),
            "implementation": .integer(specification.implementationVersion),
            "options": specification.keyOptions,
            "reads": reads(of: specification, producers: producers),
        ]
        if let seed = specification.seed { document["seed"] = .integer(seed) }
        return document
    }

    /// The part of the ingredients that says what the stage reads.
    static func reads(of specification: StageSpecification, producers: [StageKey]) -> JSONValue {
        .array(
            zip(specification.reads, producers).map { read, key in
                ["role": .string(read.role), "key": .string(key.description)]
            })
    }
}
