package import Documents
package import Foundation
package import Planning

/// The proof that a stage is done, and what it made.
///
/// A record is a pure function of its key: it knows no stage id, time, host or path.
package struct Record: Hashable, Sendable {
    /// A file of the record.
    package struct Output: Hashable, Sendable {
        /// The name of the file, such as `network.safetensors`.
        package let name: String
        /// The digest of its bytes.
        package let digest: Digest
        /// How many bytes it has.
        package let size: Int
    }

    /// The content address of the record.
    package let key: StageKey
    /// What the key is the digest of.
    package let ingredients: JSONValue
    /// What the stage found: metrics, counts, history.
    package let result: JSONValue
    /// Whether every requirement and goal of the stage was met.
    package let requirementsMet: Bool
    /// The files of the record, sorted by name.
    package let outputs: [Output]

    /// The stage kind that made the record.
    package var kind: String { ingredients["kind"]?.text ?? "" }

    /// Creates the record of some outputs.
    ///
    /// The result is brought into the form in which it is read back, so that a record that was just made and one
    /// that is reused are equal.
    package init(
        key: StageKey, ingredients: JSONValue, result: JSONValue, requirementsMet: Bool = true,
        outputs: [String: Data] = [:]
    ) {
        self.key = key
        self.ingredients = ingredients.asReadBack
        self.result = result.asReadBack
        self.requirementsMet = requirementsMet
        self.outputs = outputs.sorted { $0.key < $1.key }.map { name, data in
            Output(name: name, digest: Digest(of: data), size: data.count)
        }
    }
}

// MARK: - Document

extension Record {
    /// The record as it is stored, with a digest of itself.
    var document: JSONValue {
        var document: JSONValue = [
            "key": .string(key.description),
            "ingredients": ingredients,
            "result": result,
            "requirementsMet": .boolean(requirementsMet),
            "outputs": .array(
                outputs.map { output -> JSONValue in
                    [
                        "name": .string(output.name), "digest": .string(output.digest.hex),
                        "bytes": .integer(output.size),
                    ]
                }),
        ]
        document["digest"] = .string(Digest(of: document).hex)
        return document
    }

    /// Reads a stored record; `nil` if it is not the whole and unchanged record of the key.
    init?(document: JSONValue, key: StageKey) {
        var body = document
        body["digest"] = nil
        guard let digest = document["digest"]?.text, Digest(of: body).hex == digest,
            let ingredients = document["ingredients"], document["key"]?.text == key.description,
            let result = document["result"], let requirementsMet = document["requirementsMet"]?.flag,
            let elements = document["outputs"]?.elements
        else { return nil }
        let outputs = elements.compactMap { element -> Output? in
            guard let name = element["name"]?.text, let digest = element["digest"]?.text.flatMap(Digest.init(hex:)),
                let size = element["bytes"]?.whole
            else { return nil }
            return Output(name: name, digest: digest, size: size)
        }
        guard outputs.count == elements.count else { return nil }
        self.key = key
        self.ingredients = ingredients
        self.result = result
        self.requirementsMet = requirementsMet
        self.outputs = outputs
    }
}

extension JSONValue {
    /// The value that its text is read as: a `number` without a fraction becomes an `integer`.
    fileprivate var asReadBack: JSONValue { (try? JSONValue(parsing: canonicalText)) ?? self }
}
