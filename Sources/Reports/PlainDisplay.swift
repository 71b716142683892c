package import Execution
internal import Synchronization

/// Shows a run as a log: a line when a stage starts or ends, and now and then one of a long stage's progress.
package final class PlainDisplay: RunDisplay {
    private let lines: StageLines
    private let interval: Double
    private let isBrief: Bool
    private let uptime: @Sendable () -> Double
    private let write: @Sendable (String) -> Void
    /// When a line was last written of each running stage, by its index.
    private let lastLine = Mutex<[Int: Double]>([:])

    /// - Parameters:
    ///   - lines: The words for each event.
    ///   - isBrief: Whether a stage has no line when it starts, as of a run of very many.
    ///   - interval: The seconds between two lines of a stage's progress.
    ///   - uptime: Seconds on a clock that never goes back.
    ///   - write: Takes each line with its line break.
    package init(
        _ lines: StageLines, isBrief: Bool = false, interval: Double = 10, uptime: @escaping @Sendable () -> Double,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.lines = lines
        self.interval = interval
        self.isBrief = isBrief
        self.uptime = uptime
        self.write = write
    }

    package func show(_ event: RunEvent) {
        if let line = line(for: event) { note(line) }
    }

    package func note(_ line: String) { write(line + "\n") }

    package func tick() {}

    private func line(for event: RunEvent) -> String? {
        switch event {
        case .stageStarted(let stage, let resumed):
            lastLine.withLock { $0[stage.index] = uptime() }
            return isBrief && !resumed ? nil : lines.started(stage, resumed: resumed)
        case .stageWaiting(let stage): return lines.waiting(stage)
        case .stageProgress(let stage, let progress, let secondsRemaining):
            let isDue = lastLine.withLock { lastLine in
                guard let last = lastLine[stage.index], uptime() - last >= interval else { return false }
                lastLine[stage.index] = uptime()
                return true
            }
            return isDue ? lines.progress(stage, progress, secondsRemaining: secondsRemaining) : nil
        case .stageEnded(let report):
            lastLine.withLock { $0[report.stage.index] = nil }
            return lines.ended(report)
        case .warning(let stage, let message): return lines.warning(stage, message)
        case .runFinished: return nil
        }
    }
}
