package import Checkpoints
package import Documents
internal import Foundation
package import Planning

/// The jobs of a run in a cluster's queue, as its folder remembers them.
package struct Submission: Hashable, Sendable {
    /// A job that was submitted.
    package struct Entry: Hashable, Sendable {
        /// What the job is for, such as `prune`.
        package var name: String
        /// The cluster's name of it.
        package var id: String
        /// What it makes.
        package var keys: [StageKey]
        /// The names of the jobs before it.
        package var before: [String]
        /// The path of its script and its log, without their endings.
        package var path: String
    }

    /// The jobs, the one that collects as the last.
    package let entries: [Entry]

    /// The jobs with the ids that they were given.
    package init(_ jobs: [BatchJob], ids: [String]) {
        precondition(jobs.count == ids.count && !jobs.isEmpty, "an id for each job")
        entries = zip(jobs, ids).map { job, id in
            Entry(name: job.name, id: id, keys: job.keys, before: job.before.map { jobs[$0].name }, path: job.path)
        }
    }

    /// The ids of all jobs.
    package var ids: [String] { entries.map(\.id) }

    /// What all jobs make.
    package var keys: Set<StageKey> { Set(entries.flatMap(\.keys)) }

    /// The job that ends when all is over.
    package var last: Entry { entries[entries.count - 1] }
}

// MARK: - What is told of it

extension Submission.Entry {
    /// A line for a person: `prune     job 13  submitted, after load`.
    package func line(in submission: Submission) -> String {
        let width = submission.entries.map(\.name.count).max() ?? 0
        let others = submission.entries.count - 1
        let waits = before.count == others && others > 1 ? "all of them" : before.joined(separator: ", ")
        return name.padding(toLength: width, withPad: " ", startingAt: 0)
            + "  job \(id)  submitted\(waits.isEmpty ? "" : ", after \(waits)")"
    }

    /// The submission of the job as an event.
    package var json: JSONValue {
        [
            "event": "job.submitted", "name": .string(name), "job": .string(id), "script": .string(path + ".sh"),
            "before": .array(before.map { .string($0) }),
        ]
    }
}

// MARK: - In a file

extension Submission {
    /// The submission as a document.
    package var document: JSONValue {
        [
            "schema": .string(Self.schema),
            "jobs": .array(
                entries.map { entry in
                    [
                        "name": .string(entry.name), "id": .string(entry.id), "path": .string(entry.path),
                        "before": .array(entry.before.map { .string($0) }),
                        "keys": .array(entry.keys.map { .string($0.description) }),
                    ]
                }),
        ]
    }

    /// Reads a document; `nil` if it is not one of ours.
    package init?(document: JSONValue) {
        guard document["schema"]?.text == Self.schema, let jobs = document["jobs"]?.elements else { return nil }
        let entries = jobs.compactMap { job -> Entry? in
            guard let name = job["name"]?.text, let id = job["id"]?.text, let path = job["path"]?.text else {
                return nil
            }
            return Entry(
                name: name, id: id,
                keys: (job["keys"]?.elements ?? []).compactMap { $0.text.flatMap { StageKey(hex: $0) } },
                before: job["before"]?.elements?.compactMap(\.text) ?? [], path: path)
        }
        guard entries.count == jobs.count, !entries.isEmpty else { return nil }
        self.entries = entries
    }

    /// What was submitted for a run, or `nil` if nothing was.
    package init?(of output: String, fileSystem: any FileSystem = DiskFileSystem()) {
        guard let data = try? fileSystem.read(Self.path(of: output)), let document = try? JSONValue(parsing: data)
        else { return nil }
        self.init(document: document)
    }

    /// Remembers the submission in the folder of the run.
    package func write(of output: String, fileSystem: any FileSystem = DiskFileSystem()) throws(FileError) {
        let path = Self.path(of: output)
        try fileSystem.write(Data(document.prettyText.utf8), to: path + ".partial", durably: false)
        try fileSystem.rename(path + ".partial", to: path)
    }

    private static func path(of output: String) -> String { "\(output)/jobs/jobs.json" }
    private static let schema = "pare.jobs/1"
}
