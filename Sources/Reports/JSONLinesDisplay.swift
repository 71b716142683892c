internal import Documents
package import Execution

/// Shows a run as JSON lines: one event each, and nothing else.
package struct JSONLinesDisplay: RunDisplay {
    private let write: @Sendable (String) -> Void

    /// - Parameter write: Takes each line with its line break.
    package init(write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    package func show(_ event: RunEvent) { write(event.json.canonicalText + "\n") }

    package func note(_ line: String) {}

    package func tick() {}
}
