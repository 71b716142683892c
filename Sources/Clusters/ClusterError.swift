package import Checkpoints

/// A failure to have jobs run by a cluster.
package struct ClusterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure this is.
    package struct Code: Hashable, Sendable {
        private let name: String

        /// A program of the cluster is not on this machine.
        package static let programMissing = Code(name: "programMissing")
        /// A job was not accepted.
        package static let refused = Code(name: "refused")
        /// The cluster does not answer; it may later.
        package static let unreachable = Code(name: "unreachable")
        /// A file of the submission cannot be written or read.
        package static let file = Code(name: "file")
        /// The jobs in the queue are those of another plan.
        package static let otherPlan = Code(name: "otherPlan")
    }

    package let code: Code
    package let message: String

    package var description: String { message }
}

extension ClusterError {
    static func programMissing(_ name: String) -> ClusterError {
        ClusterError(
            code: .programMissing,
            message: "there is no '\(name)' on the PATH: use --executor slurm where jobs are submitted to Slurm")
    }

    static func cannotStart(_ name: String, _ reason: any Error) -> ClusterError {
        ClusterError(code: .programMissing, message: "'\(name)' cannot be started: \(reason)")
    }

    static func refused(_ script: String, _ reason: String, cancelled: Int) -> ClusterError {
        let rest =
            cancelled == 0
            ? ""
            : "; the \(cancelled == 1 ? "job" : "\(cancelled) jobs") before it "
                + "\(cancelled == 1 ? "was" : "were") cancelled"
        return ClusterError(code: .refused, message: "sbatch refuses '\(script)': \(reason)\(rest)")
    }

    /// A file of the submission cannot be written.
    package static func file(_ error: FileError) -> ClusterError {
        ClusterError(code: .file, message: error.message(option: "--output"))
    }

    /// The jobs that are in the queue for a run are those of another plan.
    package static func otherPlan(_ output: String, _ cancelling: String) -> ClusterError {
        ClusterError(
            code: .otherPlan,
            message: "jobs of another plan are in the queue for '\(output)': cancel them by '\(cancelling)', "
                + "or name another folder with --output")
    }

    static func unreachable(_ command: String, _ reason: String) -> ClusterError {
        ClusterError(code: .unreachable, message: "'\(command)' has no answer: \(reason)")
    }
}
