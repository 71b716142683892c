package import Execution

/// Shows a run while it goes on; its calls may come from several threads.
package protocol RunDisplay: Sendable {
    /// Shows an event.
    func show(_ event: RunEvent)

    /// Shows a line that belongs to no stage.
    func note(_ line: String)

    /// Shows that time has passed, if that shows.
    func tick()
}
