package import Execution
internal import Synchronization

/// Shows a run on a terminal: a line for each stage that ended, and under them one that moves for each that runs.
///
/// Each change is one write, over what stood there before, so that nothing flickers.
package final class TerminalDisplay: RunDisplay {
    /// A stage that runs.
    private struct Running {
        let stage: StageIdentity
        let started: Double
        var progress: StageProgress?
        /// The estimate, and when it was made.
        var remaining: (seconds: Double, time: Double)?
    }

    private struct State {
        var running: [Running] = []
        /// How many lines under the last one that stays are drawn; the cursor is at the end of the last of them.
        var drawn = 0
        var lastDrawing = -Double.infinity
    }

    private let lines: StageLines
    private let interval: Double
    private let width: @Sendable () -> Int
    private let uptime: @Sendable () -> Double
    private let write: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - lines: The words for each event.
    ///   - interval: The seconds between two drawings of progress.
    ///   - width: The columns of the terminal, asked at each drawing.
    ///   - uptime: Seconds on a clock that never goes back.
    ///   - write: Takes what the terminal is to get.
    package init(
        _ lines: StageLines, interval: Double = 0.1, width: @escaping @Sendable () -> Int,
        uptime: @escaping @Sendable () -> Double, write: @escaping @Sendable (String) -> Void
    ) {
        self.lines = lines
        self.interval = interval
        self.width = width
        self.uptime = uptime
        self.write = write
    }

    package func show(_ event: RunEvent) {
        state.withLock { state in
            switch event {
            case .stageStarted(let stage, let resumed):
                state.running.append(Running(stage: stage, started: uptime()))
                draw(&state, resumed ? lines.started(stage, resumed: true) : nil)
            case .stageWaiting(let stage): draw(&state, lines.waiting(stage))
            case .stageProgress(let stage, let progress, let seconds):
                guard let index = state.running.firstIndex(where: { $0.stage.index == stage.index }) else { return }
                state.running[index].progress = progress
                state.running[index].remaining = seconds.map { ($0, uptime()) }
                drawIfDue(&state)
            case .stageEnded(let report):
                state.running.removeAll { $0.stage.index == report.stage.index }
                draw(&state, lines.ended(report))
            case .warning(let stage, let message): draw(&state, lines.warning(stage, message))
            case .runFinished: draw(&state)
            }
        }
    }

    package func note(_ line: String) {
        state.withLock { draw(&$0, line) }
    }

    package func tick() {
        state.withLock { drawIfDue(&$0) }
    }
}

// MARK: - Drawing

extension TerminalDisplay {
    private func drawIfDue(_ state: inout State) {
        if !state.running.isEmpty, uptime() - state.lastDrawing >= interval { draw(&state) }
    }

    /// Writes a line that stays, if there is one, over the moving lines, and the moving lines anew under it.
    private func draw(_ state: inout State, _ line: String? = nil) {
        var text = ""
        if state.drawn > 0 { text += "\r" }
        if state.drawn > 1 { text += "\u{1B}[\(state.drawn - 1)A" }
        // What is left of the old text is cleared after the new one is there, not before.
        if let line { text += line + Self.clearLine + "\n" }
        let width = max(width() - 1, 20)
        text += state.running.map { moving($0, width) + Self.clearLine }.joined(separator: "\n")
        if state.drawn > 0 { text += Self.clearBelow }
        state.drawn = state.running.count
        state.lastDrawing = uptime()
        if !text.isEmpty { write(text) }
    }

    private func moving(_ running: Running, _ width: Int) -> String {
        let now = uptime()
        return lines.live(
            running.stage, running.progress, elapsed: now - running.started,
            secondsRemaining: running.remaining.map { max(0, $0.seconds - (now - $0.time)) }, width: width)
    }

    private static let clearLine = "\u{1B}[K"
    private static let clearBelow = "\u{1B}[J"
}
