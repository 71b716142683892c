internal import Checkpoints
package import Documents
internal import Planning

/// What happens in a run; every display and record of it is a listener of these.
package enum RunEvent: Sendable {
    /// A stage begins to compute, or goes on from its checkpoint.
    case stageStarted(StageIdentity, resumed: Bool = false)
    /// A stage waits for another runner that makes the same record.
    case stageWaiting(StageIdentity)
    /// A stage says how far it is; `secondsRemaining` is an estimate, if there is one.
    case stageProgress(StageIdentity, StageProgress, secondsRemaining: Double?)
    /// A stage ended, in one of the ways of ``StageStatus``; its artifact is written.
    case stageEnded(StageReport)
    /// Something that does not stop the run, such as a damaged record.
    case warning(StageIdentity?, String)
    /// Every stage has ended and the run's folders are written.
    case runFinished(RunSummary)
}

// MARK: - JSON

extension RunEvent {
    /// The event as one JSON object.
    package var json: JSONValue {
        switch self {
        case .stageStarted(let stage, let resumed):
            var event = stage.json(event: "stage.started")
            if resumed { event["resumed"] = true }
            return event
        case .stageWaiting(let stage): return stage.json(event: "stage.waiting")
        case .stageProgress(let stage, let progress, let secondsRemaining):
            var event = stage.json(event: "stage.progress")
            event["fraction"] = .number(progress.fraction)
            event["what"] = .string(progress.what)
            event["metrics"] = progress.metrics
            event["secondsRemaining"] = secondsRemaining.map { .seconds($0) }
            return event
        case .stageEnded(let report): return report.json
        case .warning(let stage, let message):
            var event = stage?.json(event: "warning") ?? ["event": "warning"]
            event["message"] = .string(message)
            return event
        case .runFinished(let summary): return summary.json
        }
    }
}

extension StageIdentity {
    fileprivate func json(event: String) -> JSONValue {
        [
            "event": .string(event), "recipe": .string(recipe), "id": .string(id), "kind": .string(kind),
            "key": .string(key.description),
        ]
    }
}

extension StageReport {
    fileprivate var json: JSONValue {
        var event = stage.json(event: status == .ran ? "stage.finished" : "stage.\(status.rawValue)")
        event["seconds"] = .seconds(seconds)
        event["requirementsMet"] = record.map { .boolean($0.requirementsMet) }
        event["message"] = message.map { .string($0) }
        return event
    }
}

extension RunSummary {
    fileprivate var json: JSONValue {
        [
            "event": "run.finished", "exitStatus": .integer(Int(exitStatus.rawValue)), "seconds": .seconds(seconds),
            "ran": .integer(count(of: .ran)), "reused": .integer(count(of: .reused)),
            "failed": .integer(count(of: .failed)), "skipped": .integer(count(of: .skipped)),
            "interrupted": .integer(count(of: .interrupted)), "folders": .array(folders.map { .string($0) }),
        ]
    }
}

extension JSONValue {
    /// A time to the millisecond.
    static func seconds(_ seconds: Double) -> JSONValue { .number((seconds * 1000).rounded() / 1000) }
}
