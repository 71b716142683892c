package import Execution

/// A run as its folder tells it, for `pare show`: how each stage ended and why it ran, then what the run came to.
package struct StoredRunReport: Sendable {
    private let run: RunRecord
    private let style: TextStyle

    package init(_ run: RunRecord, style: TextStyle = TextStyle()) {
        self.run = run
        self.style = style
    }

    package var text: String {
        let closing = ClosingReport([run], exitStatus: run.exitStatus, seconds: run.seconds, style: style)
        let heading = [style.text(run.recipe, .strong) + ": " + run.outcome]
        let lines = [heading, stages, closing.failures].filter { !$0.isEmpty }.joined(separator: [""])
        return lines.map { $0 + "\n" }.joined() + closing.text
    }

    private var stages: [String] {
        var table = TextTable([.init("stage"), .init("status"), .init("time", isNumeric: true), .init("why")])
        for stage in run.stages {
            let why = stage.status == .failed ? nil : stage.message
            table.append([
                .init(stage.id), .init(stage.status.rawValue, stage.status.tone),
                .init(stage.seconds > 0 ? stage.seconds.duration : ""),
                .init([stage.reason, why].compactMap { $0 }.joined(separator: "; ")),
            ])
        }
        return table.lines(style)
    }
}

extension RunRecord {
    /// How the run ended, and where and when it ran: `done, 2026-03-01T12:00:00.000Z, pare 0.1.0, avx2`.
    var outcome: String {
        let ending = exitStatus?.words ?? "unfinished: it was killed, or is going on"
        return [ending, started, version.isEmpty ? "" : "pare \(version)", instructionSet]
            .filter { !$0.isEmpty }.joined(separator: ", ")
    }
}

extension ExitStatus {
    /// How a run ended, in words.
    var words: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .requirementNotMet: "a requirement or a goal was not met"
        case .interrupted: "interrupted"
        case .terminated: "terminated"
        }
    }
}

extension StageStatus {
    fileprivate var tone: TextStyle.Tone? {
        switch self {
        case .ran: nil
        case .reused, .skipped: .faint
        case .failed: .bad
        case .interrupted: .warning
        }
    }
}
