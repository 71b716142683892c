/// Slurm, by its commands: sbatch, squeue, scancel and scontrol.
package struct Slurm: Sendable {
    private let command: ExternalCommand

    /// - Parameter command: What runs Slurm's commands.
    package init(command: ExternalCommand = .onPath) {
        self.command = command
    }
}

// MARK: - Submitting

extension Slurm {
    /// Submits jobs whose scripts are written, each after those before it.
    ///
    /// - Parameter jobs: Jobs after those they depend on, with the paths of their scripts.
    /// - Returns: The id of each job.
    /// - Throws: ``ClusterError``; nothing of the submission is left in the queue then.
    package func submit(_ jobs: [(job: BatchJob, script: String)]) throws(ClusterError) -> [String] {
        var ids: [String] = []
        for (job, script) in jobs {
            do {
                ids.append(try submit(job, script, after: job.before.map { ids[$0] }))
            } catch {
                if !ids.isEmpty { try? cancel(ids) }
                throw error.code == .refused ? .refused(script, error.message, cancelled: ids.count) : error
            }
        }
        return ids
    }

    private func submit(_ job: BatchJob, _ script: String, after ids: [String]) throws(ClusterError) -> String {
        var arguments = ["--parsable"]
        if !ids.isEmpty {
            // A job whose dependency can never be met would stay in the queue for ever.
            arguments += [
                "--kill-on-invalid-dep=yes", "--dependency=\(job.condition.rawValue):\(ids.joined(separator: ":"))",
            ]
        }
        let result = try command.run("sbatch", arguments + [script])
        // The id, and the cluster's name after a semicolon where there are several.
        let id = result.output.split(whereSeparator: { $0 == ";" || $0.isNewline }).first.map { String($0) } ?? ""
        guard result.status == 0, !id.isEmpty, id.allSatisfy(\.isNumber) else {
            throw ClusterError(code: .refused, message: result.complaint)
        }
        return id
    }

    /// Takes jobs out of the queue, and ends those that run.
    package func cancel(_ ids: [String]) throws(ClusterError) {
        _ = try command.run("scancel", ids)
    }
}

// MARK: - Asking

extension Slurm {
    /// What became of some jobs.
    ///
    /// - Returns: How far each is; Slurm forgets a job some minutes after its end, and that is an end, too.
    /// - Throws: ``ClusterError`` with code ``ClusterError/Code/unreachable`` if Slurm does not answer now.
    package func progress(of ids: [String]) throws(ClusterError) -> [String: JobProgress] {
        let result = try command.run(
            "squeue",
            ["--noheader", "--array", "--states=all", "--format=%i|%T", "--jobs=\(ids.joined(separator: ","))"])
        // Said of jobs that are forgotten, if there is no other.
        let isForgotten = result.errors.contains("Invalid job id")
        guard result.status == 0 || isForgotten else { throw .unreachable("squeue", result.complaint) }
        var states: [String: [JobState]] = [:]
        for line in result.output.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: "|")
            guard fields.count == 2, let id = fields[0].split(separator: "_").first else { continue }
            states[String(id), default: []].append(JobState(fields[1].filter { $0 != " " }).settled)
        }
        return Dictionary(uniqueKeysWithValues: ids.map { ($0, JobProgress(states[$0] ?? [.gone])) })
    }
}

// MARK: - From within a job

extension Slurm {
    /// Puts the job in which the program runs back into the queue, if it is the time limit that ends it.
    ///
    /// A job that was cancelled or preempted is completing by then; Slurm itself decides what becomes of it.
    ///
    /// - Parameters:
    ///   - id: The job, or the task of an array.
    ///   - announce: Called before it is put back, if it is.
    package func requeue(_ id: String, announce: () -> Void) throws(ClusterError) {
        let state = try command.run("squeue", ["--noheader", "--array", "--format=%T", "--jobs=\(id)"])
        guard state.status == 0, JobState(state.output.filter { !$0.isWhitespace }) == .running else { return }
        announce()
        let result = try command.run("scontrol", ["requeue", id])
        guard result.status == 0 else { throw .unreachable("scontrol requeue \(id)", result.complaint) }
    }
}
