/// What Slurm says of a job, such as `RUNNING`.
package struct JobState: Hashable, Sendable, CustomStringConvertible {
    /// The name in small letters, such as `node fail`.
    package let name: String

    /// - Parameter code: Slurm's long name of the state.
    package init(_ code: some StringProtocol) {
        name = code.lowercased().replacing("_", with: " ")
    }

    /// It waits.
    package static let pending = JobState("PENDING")
    /// It runs.
    package static let running = JobState("RUNNING")
    /// It ended with the exit status 0.
    package static let completed = JobState("COMPLETED")
    /// Slurm no longer knows of it.
    package static let gone = JobState("gone")

    /// Whether the job is over; one that waits to run again is not.
    package var isEnd: Bool { Self.ends.contains(name) }

    /// Whether the job is over without having done its work.
    package var isFailure: Bool { isEnd && self != .completed && self != .gone }

    package var description: String { name }

    /// The state without the moments of starting and ending, which say nothing to a user.
    var settled: JobState { ["configuring", "completing"].contains(name) ? .running : self }

    private static let ends: Set<String> = [
        "completed", "failed", "cancelled", "timeout", "node fail", "preempted", "boot fail", "deadline",
        "out of memory", "revoked", "gone",
    ]
}

/// How many of a job's tasks are in each state; a job that is no array has one.
package struct JobProgress: Hashable, Sendable {
    /// The number of tasks by state.
    package private(set) var counts: [JobState: Int] = [:]

    package init(_ states: some Sequence<JobState>) {
        for state in states { counts[state, default: 0] += 1 }
    }

    /// Whether every task is over.
    package var isEnd: Bool { counts.keys.allSatisfy(\.isEnd) }

    /// Whether a task is over without having done its work.
    package var isFailure: Bool { counts.keys.contains(where: \.isFailure) }

    /// `running`, or `3 completed, 2 running` of an array.
    package var text: String {
        if counts.count == 1, let (state, count) = counts.first, count == 1 { return state.name }
        return counts.sorted { $0.key.name < $1.key.name }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
