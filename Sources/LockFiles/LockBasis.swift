package import Documents
internal import Foundation
package import Planning

/// What is known of a run before it starts: the program, the files that it reads, and the key of each stage.
package struct LockBasis: Hashable, Sendable {
    /// The version of the program.
    package var version: String
    /// The name of the recipe.
    package var recipe: String
    /// The SHA-256 of each file, by its path from the recipe's folder.
    package var inputs: [String: String]
    /// The stages in recipe order.
    package var stages: [Stage]

    package struct Stage: Hashable, Sendable {
        package var id: String
        package var key: String
    }

    /// - Parameters:
    ///   - recipe: The recipe, resolved.
    ///   - file: The name of its file.
    ///   - digest: The SHA-256 of its file.
    ///   - version: The version of the program.
    package init(_ recipe: RecipeStages, file: String, digest: Digest, version: String) {
        self.version = version
        self.recipe = recipe.name
        inputs = recipe.stages.reduce(into: [file: digest.hex]) { inputs, stage in
            inputs.merge(stage.inputs) { $1 }
        }
        stages = StageGraph([recipe]).nodes.map { Stage(id: $0.specification.id, key: $0.key.description) }
    }

    init(version: String, recipe: String, inputs: [String: String], stages: [Stage]) {
        self.version = version
        self.recipe = recipe
        self.inputs = inputs
        self.stages = stages
    }
}

extension StageSpecification {
    /// The files that the stage's options name: those options that enter the key as digests of what they name.
    var inputs: [String: String] {
        var inputs: [String: String] = [:]
        for (name, digests) in keyOptions.members ?? [:] {
            guard let path = options[name]?.text, options[name] != digests else { continue }
            if let digest = digests.text, Digest(hex: digest) != nil {
                inputs[Self.clean(path)] = digest
            } else {
                for (file, digest) in digests.members ?? [:] { inputs[Self.clean("\(path)/\(file)")] = digest.text }
            }
        }
        return inputs
    }

    private static func clean(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}
