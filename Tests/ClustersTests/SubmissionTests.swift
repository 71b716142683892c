import Checkpoints
import Clusters
import Documents
import TestSupport
import Testing

@Suite struct SubmissionTests {
    private static func submission() throws -> Submission {
        let jobs = try Sample.plan([Sample.recipe()], holding: ["load"]).batchJobs(points: ["p"], output: "out")
        return Submission(jobs, ids: ["12", "13", "14", "15"])
    }

    @Test func `what was submitted is found again in the run's folder`() throws {
        let folder = try TemporaryFolder()
        let submission = try Self.submission()
        #expect(Submission(of: folder.path) == nil)
        try DiskFileSystem().createFolder(folder.path + "/jobs")
        try submission.write(of: folder.path)
        #expect(Submission(of: folder.path) == submission)
        #expect(submission.last.name == "collect")
        #expect(submission.keys.count == 3)
        #expect(Submission(document: ["schema": "pare.jobs/1", "jobs": [["name": "x"]]]) == nil)
    }

    @Test func `a watch tells what changed, in the order of the jobs`() throws {
        var watch = JobWatch(try Self.submission())
        func look(_ states: [String]) -> [String] {
            let progress = zip(["12", "13", "14", "15"], states).map { ($0, JobProgress([JobState($1)])) }
            return watch.changes(Dictionary(uniqueKeysWithValues: progress)).map(\.line)
        }
        #expect(
            look(["RUNNING", "PENDING", "PENDING", "PENDING"]) == ["prune     job 12  running"])
        #expect(look(["RUNNING", "PENDING", "PENDING", "PENDING"]) == [])
        #expect(
            look(["COMPLETED", "FAILED", "CANCELLED", "RUNNING"]) == [
                "prune     job 12  completed", "quantize  job 13  failed: see out/jobs/quantize.log",
                "evaluate  job 14  cancelled: see out/jobs/evaluate.log", "collect   job 15  running",
            ])
        #expect(!watch.isEnd)
        #expect(look(["COMPLETED", "FAILED", "CANCELLED", "COMPLETED"]) == ["collect   job 15  completed"])
        #expect(watch.isEnd)
    }

    @Test func `a change is an event, too`() throws {
        var watch = JobWatch(try Self.submission())
        let change = try #require(watch.changes(["12": JobProgress([.running, .completed, .running])]).first)
        #expect(
            change.json == [
                "event": "job.changed", "name": "prune", "job": "12", "tasks": ["running": 2, "completed": 1],
            ])
    }
}
