package import Execution
package import Planning
internal import Synchronization

/// Shows the run of a sweep: what is made is shown by another display, and a point when all its stages have ended.
///
/// Stages that are reused are left out: points share most of theirs.
package final class PointsDisplay: RunDisplay {
    private let display: any RunDisplay
    private let nodes: [StageGraph.Node]
    private let showsReused: Bool
    private let showsEnd: Bool
    private let ended: @Sendable (RunSummary, Int) -> Void
    /// The stages that have ended, and how many have not, of each recipe.
    private let state: Mutex<[(reports: [StageReport], open: Int)]>

    /// - Parameters:
    ///   - display: Shows the stages.
    ///   - showsReused: Whether it shows those that are reused or skipped, too.
    ///   - showsEnd: Whether it shows the end of the run.
    ///   - graph: One recipe for each point.
    ///   - ended: Called with the run of a point and its index when it has come to its end.
    package init(
        _ display: any RunDisplay, showsReused: Bool, showsEnd: Bool = true, of graph: StageGraph,
        ended: @escaping @Sendable (RunSummary, Int) -> Void
    ) {
        self.display = display
        self.showsReused = showsReused
        self.showsEnd = showsEnd
        nodes = graph.nodes
        self.ended = ended
        var counts = graph.recipes.map { _ in (reports: [StageReport](), open: 0) }
        for node in graph.nodes { counts[node.recipe].open += 1 }
        state = Mutex(counts)
    }

    package func show(_ event: RunEvent) {
        if case .runFinished = event, !showsEnd { return }
        guard case .stageEnded(let report) = event else { return display.show(event) }
        if showsReused || ![.reused, .skipped].contains(report.status) { display.show(event) }
        let recipe = nodes[report.stage.index].recipe
        let whole = state.withLock { state -> [StageReport]? in
            state[recipe].reports.append(report)
            state[recipe].open -= 1
            return state[recipe].open == 0 ? state[recipe].reports : nil
        }
        guard let whole else { return }
        let stages = whole.sorted { $0.stage.index < $1.stage.index }
        let summary = RunSummary(
            stages: stages, exitStatus: ExitStatus(of: stages, cancelled: nil), seconds: 0, folders: [])
        ended(summary, recipe)
    }

    package func note(_ line: String) { display.note(line) }

    package func tick() { display.tick() }
}
