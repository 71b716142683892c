import Documents
import Execution
import Reports
import Synchronization
import Testing

/// Takes what a display writes, at a time that the test sets.
final class Screen: Sendable {
    private let state = Mutex<(writes: [String], time: Double)>(([], 0))

    var writes: [String] { state.withLock { $0.writes } }
    var text: String { writes.joined() }
    var time: Double {
        get { state.withLock { $0.time } }
        set { state.withLock { $0.time = newValue } }
    }

    func write(_ text: String) { state.withLock { $0.writes.append(text) } }

    /// The lines that a terminal would show, given what it was sent.
    var lines: [String] {
        var lines: [[Character]] = [[]]
        var (row, column) = (0, 0)
        var rest = text[...]
        while let character = rest.first {
            if let match = rest.prefixMatch(of: #/\x1B\[(\d*)([KJA])/#) {
                rest = rest[match.range.upperBound...]
                switch match.2 {
                case "A": row -= Int(match.1) ?? 1
                case "K": lines[row].removeSubrange(min(column, lines[row].count)...)
                default:
                    lines[row].removeSubrange(min(column, lines[row].count)...)
                    lines.removeSubrange((row + 1)...)
                }
                continue
            }
            rest = rest.dropFirst()
            switch character {
            case "\r": column = 0
            case "\n":
                (row, column) = (row + 1, 0)
                if row == lines.count { lines.append([]) }
            default:
                if column < lines[row].count { lines[row][column] = character } else { lines[row].append(character) }
                column += 1
            }
        }
        return lines.map { String($0) }
    }
}

@Suite struct DisplayTests {
    let screen = Screen()

    func progress(_ fraction: Double, _ what: String, stage: Int = 1, left: Double? = nil) -> RunEvent {
        .stageProgress(Sample.stage(stage), StageProgress(fraction: fraction, what: what), secondsRemaining: left)
    }

    func plain() -> PlainDisplay {
        PlainDisplay(
            StageLines(Sample.graph()), uptime: { [screen] in screen.time }, write: { [screen] in screen.write($0) })
    }

    func terminal(width: Int = 60) -> TerminalDisplay {
        TerminalDisplay(
            StageLines(Sample.graph()), width: { width }, uptime: { [screen] in screen.time },
            write: { [screen] in screen.write($0) })
    }

    @Test func `a log has a line at the start and the end of a stage, and one every ten seconds`() {
        let display = plain()
        display.show(.stageEnded(Sample.done.stages[0]))
        display.show(.stageStarted(Sample.stage(1)))
        for second in 1...25 {
            screen.time = Double(second)
            display.show(progress(Double(second) / 25, "epoch \(second) of 25", left: Double(25 - second)))
        }
        display.show(.warning(Sample.stage(1), "the checkpoint of prune is damaged: the stage starts again"))
        display.show(.warning(nil, "no space left"))
        display.show(.stageEnded(Sample.done.stages[1]))
        display.show(.runFinished(Sample.done))
        #expect(
            screen.text == """
                [1/3] load        reused  1,586 parameters, 6.2 KiB
                [2/3] prune     started
                [2/3] prune      40 %, epoch 10 of 25, about 0:15 left
                [2/3] prune      80 %, epoch 20 of 25, about 0:05 left
                [2/3] prune     warning: the checkpoint of prune is damaged: the stage starts again
                warning: no space left
                [2/3] prune       12.3 s  377 parameters, 474 B, goal 383 met

                """)
    }

    @Test func `JSON lines are one event each`() throws {
        let display = JSONLinesDisplay { [screen] in screen.write($0) }
        display.show(.stageStarted(Sample.stage(0)))
        display.show(.stageEnded(Sample.failed.stages[1]))
        display.note("not for programs")
        let events = try screen.text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(events.map { $0["event"] } == ["stage.started", "stage.failed"])
        #expect(screen.writes.allSatisfy { $0.hasSuffix("}\n") })
    }

    @Test func `a terminal shows ended stages and one line that moves`() {
        let display = terminal()
        display.show(.stageEnded(Sample.done.stages[0]))
        display.show(.stageStarted(Sample.stage(1)))
        #expect(screen.lines == ["[1/3] load        reused  1,586 parameters, 6.2 KiB", "[2/3] prune     0:00"])
        screen.time = 3
        display.show(progress(0.25, "a longer text than before", left: 9))
        screen.time = 4
        display.show(progress(0.5, "short"))
        #expect(screen.lines.last == "[2/3] prune      50 %  0:04  short")
        display.show(.stageEnded(Sample.done.stages[1]))
        display.show(.runFinished(Sample.done))
        #expect(
            screen.lines == [
                "[1/3] load        reused  1,586 parameters, 6.2 KiB",
                "[2/3] prune       12.3 s  377 parameters, 474 B, goal 383 met", "",
            ])
    }

    @Test func `several stages at once have a line each`() {
        let display = terminal()
        display.show(.stageStarted(Sample.stage(0)))
        display.show(.stageStarted(Sample.stage(1)))
        display.show(.stageStarted(Sample.stage(2)))
        screen.time = 1
        display.show(progress(0.5, "first", stage: 0))
        screen.time = 2
        display.show(progress(0.5, "second", stage: 1))
        #expect(
            screen.lines == [
                "[1/3] load       50 %  0:02  first", "[2/3] prune      50 %  0:02  second", "[3/3] evaluate  0:02",
            ])
        display.note("interrupted: saving a checkpoint...")
        display.show(.stageEnded(Sample.done.stages[1]))
        #expect(
            screen.lines == [
                "interrupted: saving a checkpoint...", "[2/3] prune       12.3 s  377 parameters, 474 B, goal 383 met",
                "[1/3] load       50 %  0:02  first", "[3/3] evaluate  0:02",
            ])
    }

    @Test func `progress is drawn ten times a second at the most, and the clock goes on without it`() {
        let display = terminal()
        display.show(.stageStarted(Sample.stage(1)))
        for step in 1...1000 {
            screen.time = Double(step) / 1000
            display.show(progress(Double(step) / 1000, "step \(step)", left: 5))
        }
        #expect((9...11).contains(screen.writes.count - 1), "\(screen.writes.count - 1) drawings in a second")
        screen.time = 3
        display.tick()
        #expect(screen.lines == ["[2/3] prune     100 %  0:03, 0:03 left  step 1000"])
    }

    @Test func `a moving line never reaches the edge, where a terminal would break it`() {
        let display = terminal(width: 30)
        display.show(.stageStarted(Sample.stage(1)))
        screen.time = 1
        display.show(progress(0.5, String(repeating: "long ", count: 50)))
        #expect(screen.lines.map(\.count) == [29])
    }
}
