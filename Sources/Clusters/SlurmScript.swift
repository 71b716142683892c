/// The script of a job for Slurm: readable, and complete, so that it can be submitted again by hand.
package struct SlurmScript: Hashable, Sendable {
    /// What is the same for all jobs of a run.
    package struct Settings: Hashable, Sendable {
        /// The absolute path of the program.
        package var program: String
        /// The absolute path of the folder in which the jobs run.
        package var folder: String
        /// How many threads compute, and so how many processors a job gets.
        package var threads: Int
        /// Options of sbatch, as in `--partition=gpu`; they win over ours.
        package var options: [String]

        package init(program: String, folder: String, threads: Int = 1, options: [String] = []) {
            self.program = program
            self.folder = folder
            self.threads = threads
            self.options = options
        }
    }

    private let job: BatchJob
    private let title: String
    private let settings: Settings

    /// - Parameters:
    ///   - job: What is to run.
    ///   - title: What Slurm is to show, such as `road-damage.prune`.
    ///   - settings: What all jobs have in common.
    package init(_ job: BatchJob, title: String, settings: Settings) {
        self.job = job
        self.title = title
        self.settings = settings
    }

    /// The path of the script.
    package var path: String { job.path + ".sh" }

    /// The text of the script.
    package var text: String {
        var lines = ["#!/bin/bash", "# Submit it again: \(ShellCommand(arguments: ["sbatch", absolute(path)]))"]
        lines += (directives + settings.options).map { "#SBATCH \($0)" }
        if job.computes {
            lines += [
                "",
                "# The program takes the place of the shell, so that Slurm's signal ahead of the time limit reaches it:",
                "# it saves a checkpoint, puts the job back into the queue, and goes on from there.", "exec \(command)",
            ]
        } else {
            lines += ["", "# A requirement that is not met (3) is no failure of the job.", "\(command) || [ $? = 3 ]"]
        }
        lines.append("")
        return lines.joined(separator: "\n")
    }
}

extension SlurmScript {
    private var directives: [String] {
        let log = absolute(job.path).replacing("%", with: "%%") + (job.array == nil ? "" : "-%a") + ".log"
        var directives = [
            "--job-name=" + Self.quoted(title), "--chdir=" + Self.quoted(settings.folder),
            "--output=" + Self.quoted(log), "--open-mode=append",
            "--cpus-per-task=\(job.computes ? settings.threads : 1)", "--requeue",
            "--signal=B:TERM@60",
        ]
        if let array = job.array {
            directives.append("--array=0-\(array.count - 1)" + (array.atOnce.map { "%\($0)" } ?? ""))
        }
        return directives
    }

    private var command: String {
        var command = ShellCommand(arguments: [settings.program] + job.arguments).description
        if job.computes { command += #" --threads "$SLURM_CPUS_PER_TASK""# }
        if job.array != nil { command += #" --point "$SLURM_ARRAY_TASK_ID""# }
        return command
    }

    private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(settings.folder)/\(path)" }

    /// A value of an option as sbatch reads it in a script.
    private static func quoted(_ value: String) -> String {
        let isPlain = value.allSatisfy { $0.isLetter || $0.isNumber || "-_./=,:+@%".contains($0) }
        return isPlain ? value : "\"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
