internal import Checkpoints

/// What a run came to.
package struct RunSummary: Sendable {
    /// Every stage, in the order of the plan's nodes.
    package let stages: [StageReport]
    /// The status with which the command is to end.
    package let exitStatus: ExitStatus
    /// How long the run took.
    package let seconds: Double
    /// The folder of each recipe's run.
    package let folders: [String]

    package init(stages: [StageReport], exitStatus: ExitStatus, seconds: Double, folders: [String]) {
        self.stages = stages
        self.exitStatus = exitStatus
        self.seconds = seconds
        self.folders = folders
    }

    /// How many stages ended in a way.
    package func count(of status: StageStatus) -> Int { stages.count { $0.status == status } }
}

/// The exit status of a run.
package enum ExitStatus: Int32, Hashable, Sendable {
    /// Everything was done.
    case done = 0
    /// A stage failed, or the run's folder could not be written.
    case failed = 1
    /// Everything was done, but a requirement or a goal was not met.
    case requirementNotMet = 3
    /// Stopped by SIGINT.
    case interrupted = 130
    /// Stopped by SIGTERM.
    case terminated = 143

    /// The status of the stages that a plan asked for: stopped before failed, failed before not met.
    package init(of stages: some Sequence<StageReport>, cancelled reason: CancellationToken.Reason?) {
        var status = ExitStatus.done
        var isWhole = true
        for stage in stages {
            switch stage.status {
            case .failed: status = .failed
            case .interrupted, .skipped: isWhole = false
            case .ran, .reused:
                if status == .done, stage.record?.requirementsMet == false { status = .requirementNotMet }
            }
        }
        switch reason {
        case .interrupted where !isWhole: self = .interrupted
        case .terminated where !isWhole: self = .terminated
        default: self = status
        }
    }
}
