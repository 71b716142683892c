internal import ArgumentParser
internal import Checkpoints
internal import Clusters
internal import Documents
internal import Execution
internal import Foundation

/// Has the jobs of a run made by Slurm and waits for their end.
///
/// The same command finds jobs that are still in the queue, and waits for them instead of submitting them again.
struct SlurmSession {
    /// The folder of the run, which holds the scripts, the logs and what was submitted.
    let output: String
    /// What Slurm is told beside the jobs.
    let cluster: ClusterArguments
    /// How many threads compute in a job.
    let threads: Int
    /// Whether the events are printed as JSON lines.
    let json: Bool

    private var slurm: Slurm { Slurm() }

    /// Submits jobs and waits until all have ended, showing what becomes of them.
    ///
    /// - Parameters:
    ///   - jobs: Jobs after those they depend on; the last one ends when all have.
    ///   - name: What the names that Slurm shows begin with.
    ///   - prepare: Writes what the jobs read; called before they are submitted.
    /// - Returns: What was submitted, at the end of all jobs.
    /// - Throws: The exit status 0 if they are not waited for, 130 or 143 if a signal ends the waiting, and 1, after
    ///   saying why, if they cannot be submitted.
    func run(_ jobs: [BatchJob], named name: String, prepare: () throws -> Void) throws -> Submission {
        do {
            let submission: Submission
            if let earlier = try found(jobs) {
                submission = earlier
            } else {
                submission = try submit(jobs, name, prepare)
            }
            if cluster.detach {
                tell("wait for them: \(waiting)\ncancel them: \(cancelling(submission))")
                throw ExitCode.success
            }
            try wait(submission)
            return submission
        } catch let code as ExitCode {
            throw code
        } catch {
            Output.fail(error)
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }
}

// MARK: - Submitting

extension SlurmSession {
    /// The jobs that an earlier command submitted for the run, if they have not ended.
    private func found(_ jobs: [BatchJob]) throws(ClusterError) -> Submission? {
        guard let earlier = Submission(of: output),
            try slurm.progress(of: [earlier.last.id])[earlier.last.id]?.isEnd == false
        else { return nil }
        guard earlier.keys.isSuperset(of: jobs.flatMap(\.keys)) else {
            throw .otherPlan(output, cancelling(earlier).description)
        }
        tell("jobs \(earlier.ids.joined(separator: ", ")) are in the queue already")
        return earlier
    }

    private func submit(_ jobs: [BatchJob], _ name: String, _ prepare: () throws -> Void) throws -> Submission {
        let files = DiskFileSystem()
        let settings = SlurmScript.Settings(
            program: Bundle.main.executablePath ?? CommandLine.arguments[0],
            folder: FileManager.default.currentDirectoryPath, threads: threads, options: cluster.slurmOptions)
        let scripts = jobs.map { SlurmScript($0, title: "\(name).\($0.name)", settings: settings) }
        do {
            try files.createFolder("\(output)/jobs")
            try prepare()
            for script in scripts { try files.write(Data(script.text.utf8), to: script.path, durably: false) }
        } catch let error as FileError {
            throw ClusterError.file(error)
        }
        let ids = try slurm.submit(Array(zip(jobs, scripts.map(\.path))))
        let submission = Submission(jobs, ids: ids)
        do {
            try submission.write(of: output)
        } catch {
            try slurm.cancel(ids)
            throw ClusterError.file(error)
        }
        for entry in submission.entries { tell(entry.line(in: submission), entry.json) }
        return submission
    }
}

// MARK: - Waiting

extension SlurmSession {
    private func wait(_ submission: Submission) throws {
        let cancellation = CancellationToken()
        let signals = SignalWatch(cancellation) { _ in }
        var watch = JobWatch(submission)
        var pause = Self.shortPause
        var hasAnswered = true
        while cancellation.reason == nil, !watch.isEnd {
            let changes = ask(submission, &watch, &hasAnswered)
            for change in changes { tell(change.line, change.json) }
            pause = changes.isEmpty ? min(1.5 * pause, Self.longPause) : Self.shortPause
            if !watch.isEnd { sleep(pause, cancellation) }
        }
        withExtendedLifetime(signals) {}
        if let reason = cancellation.reason, !watch.isEnd { throw stopped(reason, submission) }
    }

    /// What changed since the last answer; nothing if Slurm does not answer, which is said once.
    private func ask(
        _ submission: Submission, _ watch: inout JobWatch, _ hasAnswered: inout Bool
    ) -> [JobWatch.Change] {
        do {
            let changes = watch.changes(try slurm.progress(of: submission.ids))
            hasAnswered = true
            return changes
        } catch {
            if hasAnswered { Output.complain("\(error); asking again\n") }
            hasAnswered = false
            return []
        }
    }

    private func sleep(_ seconds: Double, _ cancellation: CancellationToken) {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end, cancellation.reason == nil { Thread.sleep(forTimeInterval: 0.05) }
    }

    /// The seconds between two questions: short while something happens.
    private static let shortPause = 0.5
    private static let longPause = 15.0

    private func stopped(_ reason: CancellationToken.Reason, _ submission: Submission) -> ExitCode {
        Output.complain(
            """
            \(reason): the jobs go on. To cancel them, type
            \(cancelling(submission))
            and to wait for them again
            \(waiting)

            """)
        return ExitCode((reason == .interrupted ? ExitStatus.interrupted : .terminated).rawValue)
    }
}

// MARK: - Telling

extension SlurmSession {
    private func tell(_ line: String, _ event: JSONValue? = nil) {
        if !json { Output.write(line + "\n") } else if let event { Output.write(event.canonicalText + "\n") }
    }

    /// The command that waits for the jobs.
    private var waiting: ShellCommand {
        var arguments = CommandLine.arguments.filter { $0 != "--detach" }
        if !arguments.contains(where: { $0 == "--output" || $0.hasPrefix("--output=") }) {
            arguments += ["--output", output]
        }
        return ShellCommand(arguments: arguments)
    }

    private func cancelling(_ submission: Submission) -> ShellCommand {
        ShellCommand(arguments: ["scancel"] + submission.ids)
    }
}
