package import Checkpoints
internal import Foundation
package import Planning

/// Obeys a plan: makes its stages on threads of their own, in the order of their dependencies.
///
/// ```swift
/// let executor = Executor(store: store, runner: runner, context: context)
/// let summary = try executor.run(plan, folders: ["out"], listeners: [{ print($0.json.canonicalText) }])
/// exit(summary.exitStatus.rawValue)
/// ```
package struct Executor: Sendable {
    /// How stages are run.
    package struct Settings: Hashable, Sendable {
        /// How many stages run at the same time.
        package var jobs: Int
        /// Whether stages that do not depend on a failed one go on.
        package var keepsGoing: Bool
        /// The seconds between inner checkpoints; 0 asks for one whenever a stage could leave one.
        package var checkpointInterval: Double
        /// Whether nothing is made and the store only read.
        ///
        /// A stage that would have to run fails with the reason, and the others go on.
        package var isFrozen: Bool

        package init(
            jobs: Int = 1, keepsGoing: Bool = false, checkpointInterval: Double = 5, isFrozen: Bool = false
        ) {
            self.jobs = jobs
            self.keepsGoing = keepsGoing
            self.checkpointInterval = checkpointInterval
            self.isFrozen = isFrozen
        }
    }

    let store: Store
    let runner: any StageRunner
    let context: ExecutionContext
    let settings: Settings
    let cancellation: CancellationToken
    let files: any FileSystem

    /// Creates an executor; `fileSystem` is that of the runs' folders.
    package init(
        store: Store, runner: some StageRunner, context: ExecutionContext, settings: Settings = Settings(),
        cancellation: CancellationToken = CancellationToken(), fileSystem: any FileSystem = DiskFileSystem()
    ) {
        precondition(settings.jobs > 0, "a run needs at least one job")
        self.store = store
        self.runner = runner
        self.context = context
        self.settings = settings
        self.cancellation = cancellation
        files = fileSystem
    }

    /// Runs a plan to its end and leaves a folder for each recipe.
    ///
    /// The call blocks; the listeners are called on the caller's thread, in order, for each event in turn.
    ///
    /// - Parameters:
    ///   - plan: What to do.
    ///   - folders: The folder for each recipe of the plan, in the same order.
    ///   - listeners: Called with every event.
    /// - Returns: How every stage ended, and the exit status.
    /// - Throws: ``StoreError`` or ``ExecutionError``, before any stage has started, if the store or a folder cannot
    ///   be written. What fails later is in the summary.
    package func run(
        _ plan: RunPlan, folders: [String], listeners: [(RunEvent) -> Void] = []
    ) throws -> RunSummary {
        precondition(folders.count == plan.graph.recipes.count, "one folder for each recipe")
        if !settings.isFrozen { try store.prepare() }
        var runFolders = folders.enumerated().map { recipe, path in
            RunFolder(path: path, plan: plan, recipe: recipe, context: context, fileSystem: files)
        }
        for index in runFolders.indices { try runFolders[index].prepare() }
        var run = Run(plan: plan, executor: self, folders: runFolders) { event in
            for listener in listeners { listener(event) }
        }
        return run.untilEnd()
    }
}
