import Clusters
import Documents
import Foundation
import Planning
import Synchronization

/// A chain of a recipe with a branch, and a store that holds some of its stages.
enum Sample {
    struct Holding: Holdings {
        var complete: Set<StageKey> = []

        func state(of key: StageKey) throws -> RecordState { complete.contains(key) ? .complete : .absent }
        func latestIngredients(recipe: String, stage: String) throws -> JSONValue? { nil }
        func latestIngredients(kind: String, reads: JSONValue) -> JSONValue? { nil }
    }

    /// load - prune - quantize - evaluate, which needs prune, too.
    static func recipe(_ name: String = "road", epochs: Int = 2) -> RecipeStages {
        func stage(_ id: String, _ options: JSONValue = [:], reads: [String] = []) -> StageSpecification {
            StageSpecification(
                id: id, kind: id, options: options, needs: reads,
                reads: reads.map { StageRead(role: "network", id: $0) })
        }
        return RecipeStages(
            name: name, seed: 7,
            stages: [
                stage("load"), stage("prune", ["epochs": .integer(epochs)], reads: ["load"]),
                stage("quantize", reads: ["prune"]), stage("evaluate", reads: ["prune", "quantize"]),
            ])
    }

    static func plan(_ recipes: [RecipeStages], holding ids: Set<String> = []) throws -> RunPlan {
        let graph = StageGraph(recipes)
        let held = graph.nodes.filter { ids.contains($0.specification.id) }.map(\.key)
        return try RunPlan(graph, holdings: Holding(complete: Set(held)))
    }

    static func snapshot(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots/\(name)")
    }
}

/// Programs that only note how they are called, and answer as they are told.
final class FakeCommands: Sendable {
    private let state = Mutex((calls: [String](), answers: [ExternalCommand.Result]()))

    init(_ answers: [ExternalCommand.Result]) {
        state.withLock { $0.answers = answers }
    }

    var calls: [String] { state.withLock { $0.calls } }

    var command: ExternalCommand {
        ExternalCommand { name, arguments in
            self.state.withLock { state in
                state.calls.append(ShellCommand(arguments: [name] + arguments).description)
                return state.answers.isEmpty ? ExternalCommand.Result() : state.answers.removeFirst()
            }
        }
    }
}
