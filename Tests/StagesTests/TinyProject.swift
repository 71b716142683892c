import Checkpoints
import Diagnostics
import Documents
import Execution
import Foundation
import Kernels
import Planning
import Recipes
import Stages
import TestSupport
import Testing

/// A folder with tiny data, an architecture and a recipe, and what it takes to run it in this process.
final class TinyProject {
    let folder: TemporaryFolder

    static let recipe = """
        version: 1
        name: tiny
        seed: 5
        budget: {totalParameters: 70, pruningFraction: 0.5}
        stages:
          - load: {network: network.yaml, data: data}
          - train: {MaxEpochs: 4, MiniBatchSize: 8, InitialLearnRate: 0.02}
          - prune:
              MaxToPrune: 1
              epochs: 1
              goal: budget
              finetune: {MiniBatchSize: 8}
              retrain: {MaxEpochs: 2, MiniBatchSize: 8}
          - project:
              goal: budget
              retrain: {MaxEpochs: 2, MiniBatchSize: 8}
          - quantize: {scaling: power-of-two, granularity: tensor}
          - evaluate:
              needs: [train, prune, project, quantize]
              metrics: [accuracy, loss, confusion]
              require: {memory: "<= 1 KiB"}

        """

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/data", withIntermediateDirectories: true)
        let shared = RecipeCasesTests.folder.appending(path: "shared")
        try write("network.yaml", String(contentsOf: shared.appending(path: "network.yaml"), encoding: .utf8))
        try write(
            "data/dataset.yaml",
            """
            version: 1
            name: tiny
            task: classification
            labels: [still, moving]
            input: {kind: sequence, channels: [x, y], steps: 12}
            splits:
              train: {file: train.ts}
              validation: {from: train, fraction: 25 %}
              test: {file: test.ts}

            """)
        try write("data/train.ts", Self.cases(24, seed: 1))
        try write("data/test.ts", Self.cases(12, seed: 2))
    }

    func write(_ path: String, _ text: String) throws {
        try text.write(toFile: folder.path + "/" + path, atomically: false, encoding: .utf8)
    }

    /// Noise in two channels, the second one stronger where the label is `moving`.
    static func cases(_ count: Int, seed: UInt64) -> String {
        var generator = SeededGenerator(seed: seed)
        let header = "@dimensions 2\n@seriesLength 12\n@classLabel true still moving\n@data\n"
        return header
            + (0..<count).map { index in
                let isMoving = index.isMultiple(of: 2)
                let channels = [0.5, isMoving ? 2 : 0.2].map { strength in
                    (0..<12).map { _ in String(Double.random(in: -strength...strength, using: &generator)) }
                        .joined(separator: ",")
                }
                return channels.joined(separator: ":") + (isMoving ? ":moving\n" : ":still\n")
            }.joined()
    }
}

// MARK: - Running

extension TinyProject {
    /// How a run ended: the stages by id, and each stage's result, and the network as bytes.
    struct Outcome {
        let summary: RunSummary
        /// Everything that may not depend on how the run went.
        let bytes: [String: Data]

        func result(_ id: String) -> JSONValue? { summary.stages.first { $0.stage.id == id }?.record?.result }
        func status(_ id: String) -> StageStatus? { summary.stages.first { $0.stage.id == id }?.status }
        func message(_ id: String) -> String? { summary.stages.first { $0.stage.id == id }?.message }
        var statuses: [StageStatus] { summary.stages.map(\.status) }
    }

    func resolve(_ text: String = recipe, _ overrides: [String] = []) throws -> ResolvedRecipe {
        var diagnostics = DiagnosticList()
        let recipe = Recipe.read(
            file: SourceFile(name: folder.path + "/recipe.yaml", text: text),
            overrides: overrides.map { Override($0) }, kinds: StageKinds.schemas, into: &diagnostics)
        let resolved = recipe.flatMap { ResolvedRecipe.resolve($0, into: &diagnostics) }
        return try #require(resolved, "\(DiagnosticRenderer().render(diagnostics))")
    }

    /// What a user is told of a recipe with faults.
    func faults(_ text: String = recipe) throws -> String {
        var diagnostics = DiagnosticList()
        let recipe = Recipe.read(
            file: SourceFile(name: folder.path + "/recipe.yaml", text: text), overrides: [],
            kinds: StageKinds.schemas, into: &diagnostics)
        _ = recipe.flatMap { ResolvedRecipe.resolve($0, into: &diagnostics) }
        return DiagnosticRenderer().render(diagnostics).replacing(folder.path + "/", with: "")
    }

    func plan(_ text: String = recipe, _ overrides: [String] = [], store: String = "store") throws -> RunPlan {
        let graph = StageGraph([try resolve(text, overrides).stages])
        return try RunPlan(graph, holdings: try Store(at: folder.path + "/" + store))
    }

    @discardableResult
    func run(
        _ text: String = recipe, _ overrides: [String] = [], store: String = "store", output: String = "run",
        threads: Int = 1, jobs: Int = 1, files: any FileSystem = FaultyFileSystem(),
        cancellation: CancellationToken = CancellationToken()
    ) throws -> Outcome {
        try run(
            [resolve(text, overrides)], store: store, output: output, threads: threads, jobs: jobs, files: files,
            cancellation: cancellation)
    }

    /// Runs recipes as one graph; of several, each has a folder in `output`.
    @discardableResult
    func run(
        _ recipes: [ResolvedRecipe], store: String = "store", output: String = "run", threads: Int = 1, jobs: Int = 1,
        files: any FileSystem = FaultyFileSystem(), cancellation: CancellationToken = CancellationToken()
    ) throws -> Outcome {
        let store = try Store(at: folder.path + "/" + store, fileSystem: files)
        let plan = try RunPlan(StageGraph(recipes.map(\.stages)), holdings: store)
        let executor = Executor(
            store: store, runner: ModelStageRunner(recipes: recipes, pool: WorkerPool(threads: threads)),
            context: ExecutionContext(threads: threads, instructionSet: InstructionSet.current),
            settings: Executor.Settings(jobs: jobs, checkpointInterval: 0), cancellation: cancellation,
            fileSystem: files)
        let root = folder.path + "/" + output
        let folders = recipes.count == 1 ? [root] : recipes.map { "\(root)/\($0.stages.name)" }
        let summary = try executor.run(plan, folders: folders, listeners: [])
        var bytes: [String: Data] = [:]
        for (name, data) in try folder.files(below: output) where !name.hasSuffix("run.json") {
            if name.hasSuffix(".json") {
                var artifact = try JSONValue(parsing: data)
                artifact["execution"] = nil
                bytes[name] = Data(artifact.canonicalText.utf8)
            } else {
                bytes[name] = data
            }
        }
        return Outcome(summary: summary, bytes: bytes)
    }
}
