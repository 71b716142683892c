package import Documents
package import Foundation
package import Planning

/// A frozen piece of work: a recipe, what is set in it, and the keys that its stages have by that.
///
/// Whoever runs one resolves the recipe with the settings and compares the keys, so that what runs is what was planned,
/// on whichever machine and however much later.
package struct PointFile: Hashable, Sendable {
    /// What the run is called: `road-damage/0007`.
    package let name: String
    /// The path of the recipe, relative to the folder of the file.
    package let recipe: String
    /// Options as `PATH=VALUE`, the last one wins.
    package let settings: [String]
    /// In the order of the recipe.
    package let stages: [Stage]

    package struct Stage: Hashable, Sendable {
        package let id: String
        package let kind: String
        package let key: String
        /// The ids of the stages that must be done first.
        package let needs: [String]
    }

    package static let schema = "pare.point/1"

    /// Freezes one recipe of a graph.
    package init(recipe: String, settings: [String], graph: StageGraph, index: Int = 0) {
        name = graph.recipes[index].name
        self.recipe = recipe
        self.settings = settings
        stages = graph.nodes[graph.indices[index]].map { node in
            Stage(
                id: node.specification.id, kind: node.specification.kind, key: node.key.description,
                needs: node.dependencies.map { graph.nodes[$0].specification.id })
        }
    }
}

// MARK: - Comparing

extension PointFile {
    /// Makes sure that the recipe of a graph is the one that was frozen.
    ///
    /// - Throws: ``SweepError`` with code ``SweepError/Code/changed`` that names the first stage that differs.
    package func check(_ graph: StageGraph, index: Int = 0) throws(SweepError) {
        let present = PointFile(recipe: recipe, settings: settings, graph: graph, index: index).stages
        for stage in present {
            guard let frozen = stages.first(where: { $0.id == stage.id }) else {
                throw .changed(name, "stage '\(stage.id)' is new")
            }
            if frozen.key != stage.key { throw .changed(name, "stage '\(stage.id)' has another key") }
        }
        if let gone = stages.first(where: { stage in !present.contains { $0.id == stage.id } }) {
            throw .changed(name, "it had a stage '\(gone.id)'")
        }
    }
}

// MARK: - Document

extension PointFile {
    package var document: JSONValue {
        [
            "schema": .string(Self.schema), "name": .string(name), "recipe": .string(recipe),
            "set": .array(settings.map { .string($0) }),
            "stages": .array(
                stages.map { stage in
                    [
                        "id": .string(stage.id), "kind": .string(stage.kind), "key": .string(stage.key),
                        "needs": .array(stage.needs.map { .string($0) }),
                    ]
                }),
        ]
    }

    /// Reads the bytes of a file.
    ///
    /// - Parameter path: Where they stand, for messages.
    /// - Throws: ``SweepError`` with code ``SweepError/Code/noPointFile``.
    package init(decoding data: Data, at path: String) throws(SweepError) {
        guard let document = try? JSONValue(parsing: data) else { throw .noPointFile(path, "it is no JSON") }
        guard document["schema"]?.text == Self.schema else {
            throw .noPointFile(path, "its schema is not '\(Self.schema)'")
        }
        let stages = (document["stages"]?.elements ?? []).compactMap { stage -> Stage? in
            guard let id = stage["id"]?.text, let kind = stage["kind"]?.text, let key = stage["key"]?.text else {
                return nil
            }
            return Stage(
                id: id, kind: kind, key: key, needs: stage["needs"]?.elements?.compactMap(\.text) ?? [])
        }
        guard let name = document["name"]?.text, let recipe = document["recipe"]?.text,
            let settings = document["set"]?.elements?.compactMap(\.text), !stages.isEmpty
        else { throw .noPointFile(path, "it lacks a name, a recipe, settings or stages") }
        (self.name, self.recipe, self.settings, self.stages) = (name, recipe, settings, stages)
    }
}
