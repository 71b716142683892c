internal import ArgumentParser
internal import Checkpoints
internal import Clusters
internal import Execution
internal import Foundation
internal import Planning

/// How a run ends that is a job of a cluster.
struct JobEnding {
    private let plan: RunPlan
    private let store: Store
    private let before: StoredProgress

    /// Looks at what is there before the run begins.
    init(_ plan: RunPlan, in store: Store) {
        self.plan = plan
        self.store = store
        before = StoredProgress(of: plan, in: store)
    }

    /// The exit status of the job.
    ///
    /// A job that was terminated goes back into Slurm's queue if it came further, and so goes on from its checkpoint.
    /// A requirement that is not met is no failure of the job: it stops no stage.
    func exitCode(_ status: Int32) -> ExitCode {
        if status == ExitStatus.terminated.rawValue, let id = Self.slurmJob { requeue(id) }
        return ExitCode(status == ExitStatus.requirementNotMet.rawValue ? ExitStatus.done.rawValue : status)
    }

    private func requeue(_ id: String) {
        guard StoredProgress(of: plan, in: store) != before else {
            return Output.complain(
                "job \(id) is not put back into the queue: it came no further than before; "
                    + "give it more time (--slurm-option=--time=...) or a shorter --checkpoint-interval\n")
        }
        do {
            // It is said before, as Slurm may end the program at once.
            try Slurm().requeue(id) { Output.complain("job \(id) goes back into the queue\n") }
        } catch {
            Output.fail(error)
        }
    }

    /// The job of Slurm in which the program runs, or the task of an array.
    private static var slurmJob: String? {
        let environment = ProcessInfo.processInfo.environment
        guard let array = environment["SLURM_ARRAY_JOB_ID"], let task = environment["SLURM_ARRAY_TASK_ID"] else {
            return environment["SLURM_JOB_ID"]
        }
        return "\(array)_\(task)"
    }
}
