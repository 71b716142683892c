internal import Checkpoints
internal import Foundation
internal import Planning

/// A run that is going on: which stages have ended, which are running, and what each was waiting for.
///
/// All of it lives on the thread that called ``Executor/run(_:folders:listeners:)``; the stages' threads only post
/// messages.
struct Run {
    /// What is known of a key in this run.
    private enum Unit {
        /// A thread makes it; these nodes wait for it.
        case running(waiting: [Int])
        case made(Record)
        case failed(String)
        case interrupted
    }

    private let plan: RunPlan
    private let executor: Executor
    private let emit: (RunEvent) -> Void
    private let mailbox = Mailbox<Worker.Message>()
    private let threads: StageThreads
    private let started: Double

    private var folders: [RunFolder]
    private var folderFailure: String?
    /// For each recipe how many of its stages have not ended.
    private var openCounts: [Int]
    private var nextFlush: Double
    private var schedule: Schedule
    private var units: [StageKey: Unit] = [:]
    private var reports: [StageReport?]
    private var remaining: [Int: RemainingTime] = [:]
    /// For each stage that cannot run, the stage that is the cause.
    private var obstacles: [Int: Int] = [:]
    private var runningCount = 0
    private var firstFailure: Int?

    init(plan: RunPlan, executor: Executor, folders: [RunFolder], emit: @escaping (RunEvent) -> Void) {
        self.plan = plan
        self.executor = executor
        self.folders = folders
        self.emit = emit
        started = executor.context.uptime()
        nextFlush = started + Self.flushInterval
        threads = StageThreads(count: min(executor.settings.jobs, plan.graph.nodes.count))
        schedule = Schedule(dependencies: plan.graph.nodes.map(\.dependencies))
        reports = Array(repeating: nil, count: plan.graph.nodes.count)
        openCounts = plan.graph.indices.map(\.count)
    }

    /// Runs every stage that may run.
    mutating func untilEnd() -> RunSummary {
        while true {
            while runningCount < executor.settings.jobs, !isStopping, let index = schedule.next() { begin(index) }
            if runningCount == 0 { break }
            for message in mailbox.take(within: Self.flushInterval) { handle(message) }
            if executor.context.uptime() >= nextFlush { flush() }
        }
        skipTheRest()
        return finish()
    }

    /// The least seconds between two writings of `run.json`.
    private static let flushInterval = 0.25

    /// Whether nothing new is to be started.
    private var isStopping: Bool {
        let goesOn = executor.settings.keepsGoing || executor.settings.isFrozen
        return firstFailure != nil && !goesOn || executor.cancellation.reason != nil
    }
}

// MARK: - Starting

extension Run {
    private mutating func begin(_ index: Int) {
        let node = plan.graph.nodes[index]
        if case .skip(let until) = plan.decisions[index] {
            return end(index, .skipped, message: "not needed for \(until)")
        }
        if let obstacle = obstacle(to: index) { return skip(index, obstacle: obstacle) }
        switch units[node.key] {
        case .running(let waiting): units[node.key] = .running(waiting: waiting + [index])
        case .made(let record): end(index, .reused, record: record)
        case .failed(let message): end(index, .failed, message: message)
        case .interrupted: end(index, .interrupted)
        case nil: reuseOrMake(index, node)
        }
    }

    private mutating func reuseOrMake(_ index: Int, _ node: StageGraph.Node) {
        let decision = plan.decisions[index]
        do {
            if decision == .reuse, case .complete(let record) = try executor.store.lookUp(node.key) {
                return conclude(index, .found(record))
            }
        } catch {
            return conclude(index, .failed("\(error)"))
        }
        if executor.settings.isFrozen { return conclude(index, .failed(Self.frozenMessage(decision))) }
        units[node.key] = .running(waiting: [])
        runningCount += 1
        let worker = Worker(
            executor: executor, node: node, index: index, isForced: decision == .run(.forced),
            inputs: inputs(of: node), mailbox: mailbox)
        threads.run { worker.work() }
    }

    private static func frozenMessage(_ decision: RunPlan.Decision) -> String {
        // A record that was there when the run was planned is gone now.
        let reason = if case .run(let reason) = decision { reason } else { RunReason.recordMissing }
        return "it would have to run, and --frozen makes nothing: \(reason)"
    }

    private func inputs(of node: StageGraph.Node) -> [StageInput] {
        zip(node.specification.reads, node.reads).map { read, producer in
            guard let record = reports[producer]?.record else { preconditionFailure("'\(read.id)' has no record") }
            return StageInput(
                role: read.role, specification: plan.graph.nodes[producer].specification, record: record,
                store: executor.store)
        }
    }
}

// MARK: - Messages

extension Run {
    private mutating func handle(_ message: Worker.Message) {
        let stage = identity(message.index)
        switch message.content {
        case .waiting: emit(.stageWaiting(stage))
        case .warning(let text): emit(.warning(stage, text))
        case .started(let resumed):
            remaining[message.index] = RemainingTime(startedAt: message.time, resumed: resumed)
            folders[plan.graph.nodes[stage.index].recipe].begin(plan.graph.nodes[stage.index].position)
            emit(.stageStarted(stage, resumed: resumed))
        case .progress(let progress):
            let seconds = remaining[message.index]?.estimate(at: message.time, fraction: progress.fraction)
            emit(.stageProgress(stage, progress, secondsRemaining: seconds))
        case .ended(let ending, let seconds):
            runningCount -= 1
            remaining[message.index] = nil
            conclude(message.index, ending, seconds: seconds)
        }
    }

    /// Notes what became of a key, ends the stage that made it, and then those that waited for it.
    private mutating func conclude(_ index: Int, _ ending: Worker.Ending, seconds: Double = 0) {
        let key = plan.graph.nodes[index].key
        var waiting: [Int] = []
        if case .running(let nodes) = units[key] { waiting = nodes }
        switch ending {
        case .made(let record, let checkpointSeconds):
            units[key] = .made(record)
            end(index, .ran, seconds: seconds, checkpointSeconds: checkpointSeconds, record: record)
        case .found(let record):
            units[key] = .made(record)
            if !executor.settings.isFrozen { executor.store.noteReuse(of: key) }
            end(index, .reused, record: record)
        case .failed(let message, let settings):
            units[key] = .failed(message)
            end(index, .failed, seconds: seconds, message: message, settings: settings)
        case .interrupted:
            units[key] = .interrupted
            end(index, .interrupted, seconds: seconds)
        }
        for node in waiting { begin(node) }
    }
}

// MARK: - Ending

extension Run {
    private mutating func end(
        _ index: Int, _ status: StageStatus, seconds: Double = 0, checkpointSeconds: Double? = nil,
        record: Record? = nil, message: String? = nil, settings: [String] = []
    ) {
        let node = plan.graph.nodes[index]
        let began = executor.context.date().addingTimeInterval(-seconds)
        var report = StageReport(
            identity(index), status, started: began, seconds: seconds, checkpointSeconds: checkpointSeconds,
            record: record, message: message, settings: settings)
        do {
            try folders[node.recipe].end(node.position, report)
        } catch {
            report = StageReport(
                report.stage, .failed, started: began, seconds: seconds, message: error.message)
            // The report has no artifact now, so this writes nothing.
            try? folders[node.recipe].end(node.position, report)
        }
        if let record, !executor.settings.isFrozen {
            executor.store.noteLatest(record, recipe: node.recipeName, stage: node.specification.id)
        }
        reports[index] = report
        if report.status == .failed { firstFailure = firstFailure ?? index }
        emit(.stageEnded(report))
        openCounts[node.recipe] -= 1
        if openCounts[node.recipe] == 0 { finishFolder(of: node.recipe) }
        schedule.finish(index)
    }

    private mutating func skip(_ index: Int, obstacle: Int) {
        obstacles[index] = obstacle
        let how = reports[obstacle]?.status == .interrupted ? "was interrupted" : "failed"
        end(index, .skipped, message: "needs \(plan.graph.nodes[obstacle].specification.id), which \(how)")
    }

    /// The stage that failed or was interrupted and so keeps another from running.
    private func obstacle(to index: Int) -> Int? {
        for dependency in plan.graph.nodes[index].dependencies {
            switch reports[dependency]?.status {
            case .failed, .interrupted: return dependency
            case .skipped: if let obstacle = obstacles[dependency] { return obstacle }
            default: continue
            }
        }
        return nil
    }

    private mutating func skipTheRest() {
        for index in plan.graph.order where reports[index] == nil {
            if case .skip(let until) = plan.decisions[index] {
                end(index, .skipped, message: "not needed for \(until)")
            } else if let obstacle = obstacle(to: index) {
                skip(index, obstacle: obstacle)
            } else if let record = present(index) {
                conclude(index, .found(record))
            } else if executor.cancellation.reason == nil, let firstFailure {
                let id = plan.graph.nodes[firstFailure].specification.id
                end(index, .skipped, message: "not started after \(id) failed")
            } else {
                end(index, .skipped, message: "not started before the interruption")
            }
        }
    }

    /// The record of a stage for which nothing has to be made: a run that stops does not lose what is done.
    private func present(_ index: Int) -> Record? {
        let key = plan.graph.nodes[index].key
        if case .made(let record) = units[key] { return record }
        guard plan.decisions[index] == .reuse, case .complete(let record)? = try? executor.store.lookUp(key) else {
            return nil
        }
        return record
    }

    private mutating func finish() -> RunSummary {
        let ended = reports.compactMap { $0 }
        let wanted = zip(ended, plan.decisions).filter { !$1.isSkipped }.map(\.0)
        let status = ExitStatus(of: wanted, cancelled: executor.cancellation.reason)
        let isFolderLost = folderFailure != nil && (status == .done || status == .requirementNotMet)
        let summary = RunSummary(
            stages: ended, exitStatus: isFolderLost ? .failed : status,
            seconds: executor.context.uptime() - started, folders: folders.map(\.path))
        emit(.runFinished(summary))
        return summary
    }

    private mutating func flush() {
        let began = executor.context.uptime()
        for index in folders.indices {
            do { try folders[index].flush() } catch { fail(error.message) }
        }
        // The record of a run of many stages is long: it takes a twentieth of the time at the most.
        let ended = executor.context.uptime()
        nextFlush = ended + max(Self.flushInterval, 20 * (ended - began))
    }

    private mutating func finishFolder(of recipe: Int) {
        do {
            try folders[recipe].finish(store: executor.store, cancelled: executor.cancellation.reason)
        } catch {
            fail("\(error)")
        }
    }

    /// Notes that a run's folder could not be written, and says so once.
    private mutating func fail(_ message: String) {
        if folderFailure == nil { emit(.warning(nil, message)) }
        folderFailure = folderFailure ?? message
    }

    private func identity(_ index: Int) -> StageIdentity {
        let node = plan.graph.nodes[index]
        return StageIdentity(
            index: index, recipe: node.recipeName, id: node.specification.id, kind: node.specification.kind,
            key: node.key)
    }
}
