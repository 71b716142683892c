package import Documents

/// Tells what changed among the jobs of a run between two looks at the queue.
package struct JobWatch: Sendable {
    /// A job that is in another state than before.
    package struct Change: Hashable, Sendable {
        /// The job.
        package let entry: Submission.Entry
        /// How far it is now.
        package let progress: JobProgress
        fileprivate let width: Int

        /// A line for a person: `prune     job 13  running`.
        package var line: String {
            let blanks = String(repeating: " ", count: max(0, width - entry.name.count))
            let log = progress.isFailure && progress.counts.count == 1 ? ": see \(entry.path).log" : ""
            return "\(entry.name)\(blanks)  job \(entry.id)  \(progress.text)\(log)"
        }

        /// The change as an event.
        package var json: JSONValue {
            [
                "event": "job.changed", "name": .string(entry.name), "job": .string(entry.id),
                "tasks": .object(
                    Dictionary(
                        progress.counts.map { ($0.key.name, .integer($0.value)) }, uniquingKeysWith: { $1 })),
            ]
        }
    }

    private let submission: Submission
    private var known: [String: JobProgress] = [:]

    /// Watches jobs that were submitted, which is to say that they are pending.
    package init(_ submission: Submission) {
        self.submission = submission
        for id in submission.ids { known[id] = JobProgress([.pending]) }
    }

    /// What differs from the look before, in the order of the jobs.
    package mutating func changes(_ progress: [String: JobProgress]) -> [Change] {
        let width = submission.entries.map(\.name.count).max() ?? 0
        return submission.entries.compactMap { entry in
            guard let present = progress[entry.id], known.updateValue(present, forKey: entry.id) != present else {
                return nil
            }
            return Change(entry: entry, progress: present, width: width)
        }
    }

    /// Whether nothing more will happen.
    package var isEnd: Bool { known[submission.last.id]?.isEnd ?? false }
}
