internal import Diagnostics
internal import Execution
internal import Planning
internal import Reports
internal import Stages

extension BatchOutcome {
    /// The outcome of recipes that cannot run, as one of them has faults.
    init(_ loaded: RecipeLoader.Loaded) {
        let entries = loaded.entries.map { path, faults in
            Entry(name: path, fault: faults.hasErrors ? DiagnosticRenderer().render(faults) : nil)
        }
        self.init(entries: entries, exitStatus: 2, version: Program.version)
    }

    /// The outcome of a run that could not be started, as the store or a folder cannot be used, or that was stopped
    /// before its results were there.
    init(notStarted recipes: [ResolvedRecipe], exitStatus: Int32) {
        let isStopped = [.interrupted, .terminated].contains(ExitStatus(rawValue: exitStatus))
        let fault =
            isStopped
            ? "the run was stopped: the log says how it goes on" : "the run could not be started: the log says why"
        self.init(
            entries: recipes.map { Entry(name: $0.stages.name, fault: fault) }, exitStatus: exitStatus,
            version: Program.version)
    }

    /// The outcome of a run.
    ///
    /// - Parameter command: What goes on from there, if the run did not come to its end.
    init(_ summary: RunSummary, _ plan: RunPlan, command: String) {
        let isWhole = summary.exitStatus != summary.exitStatus.orFailed
        let runs = RunRecord.all(of: summary, plan: plan, context: .machine(threads: 1))
        self.init(
            entries: runs.map { Entry(name: $0.recipe, run: $0) }, exitStatus: summary.exitStatus.rawValue,
            seconds: summary.seconds, version: Program.version, command: isWhole ? nil : command)
    }
}

extension ExitStatus {
    /// The status of a run that is also found to have failed: an interruption stays one.
    var orFailed: ExitStatus {
        switch self {
        case .done, .requirementNotMet, .failed: .failed
        case .interrupted, .terminated: self
        }
    }
}
