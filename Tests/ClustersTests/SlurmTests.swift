import Checkpoints
import Clusters
import Testing

@Suite struct SlurmTests {
    private static let jobs = [
        BatchJob(name: "load", path: "out/load", arguments: []),
        BatchJob(name: "prune", path: "out/prune", arguments: [], before: [0]),
        BatchJob(name: "collect", path: "out/collect", arguments: [], before: [0, 1], condition: .ended),
    ]
    private static let scripts = jobs.map { (job: $0, script: $0.path + ".sh") }

    @Test func `jobs are submitted each after those before it`() throws {
        let fake = FakeCommands([.init(output: "12\n"), .init(output: "13;cluster\n"), .init(output: "14\n")])
        #expect(try Slurm(command: fake.command).submit(Self.scripts) == ["12", "13", "14"])
        #expect(
            fake.calls == [
                "sbatch --parsable out/load.sh",
                "sbatch --parsable --kill-on-invalid-dep=yes --dependency=afterok:12 out/prune.sh",
                "sbatch --parsable --kill-on-invalid-dep=yes --dependency=afterany:12:13 out/collect.sh",
            ])
    }

    @Test func `a job that is refused takes those before it out of the queue`() throws {
        let refusal = ExternalCommand.Result(
            status: 1,
            errors: "sbatch: error: invalid partition specified: gpu\nsbatch: error: Batch job submission failed\n")
        let fake = FakeCommands([.init(output: "12\n"), refusal])
        let error = #expect(throws: ClusterError.self) { try Slurm(command: fake.command).submit(Self.scripts) }
        #expect(
            error?.message == "sbatch refuses 'out/prune.sh': sbatch: error: invalid partition specified: gpu; "
                + "sbatch: error: Batch job submission failed; the job before it was cancelled")
        #expect(fake.calls.last == "scancel 12")
        let first = FakeCommands([.init(status: 3)])
        let silent = #expect(throws: ClusterError.self) { try Slurm(command: first.command).submit(Self.scripts) }
        #expect(silent?.message == "sbatch refuses 'out/load.sh': exit status 3")
        #expect(first.calls.count == 1)
    }

    @Test func `the states of jobs and of an array's tasks are read`() throws {
        let output = "12|COMPLETED\n14_0|RUNNING\n14_1|COMPLETING\n14_2|PENDING\n15|NODE_FAIL\n"
        let fake = FakeCommands([.init(output: output)])
        let progress = try Slurm(command: fake.command).progress(of: ["12", "13", "14", "15"])
        #expect(fake.calls == ["squeue --noheader --array --states=all '--format=%i|%T' --jobs=12,13,14,15"])
        let texts = progress.mapValues(\.text)
        #expect(texts == ["12": "completed", "13": "gone", "14": "1 pending, 2 running", "15": "node fail"])
        #expect(progress.mapValues(\.isEnd) == ["12": true, "13": true, "14": false, "15": true])
        #expect(progress.mapValues(\.isFailure) == ["12": false, "13": false, "14": false, "15": true])
    }

    @Test func `jobs that are forgotten have ended, and no answer is no end`() throws {
        let forgotten = FakeCommands([.init(status: 1, errors: "slurm_load_jobs error: Invalid job id specified\n")])
        #expect(try Slurm(command: forgotten.command).progress(of: ["12"])["12"]?.isEnd == true)
        let down = FakeCommands([.init(status: 1, errors: "Unable to contact slurm controller\n")])
        let error = #expect(throws: ClusterError.self) { try Slurm(command: down.command).progress(of: ["12"]) }
        #expect(error?.code == .unreachable)
        #expect(error?.message == "'squeue' has no answer: Unable to contact slurm controller")
    }

    @Test(arguments: [("RUNNING\n", true), ("COMPLETING\n", false), ("PENDING\n", false), ("", false)])
    func `only a job that runs is put back into the queue`(state: String, isPutBack: Bool) throws {
        let fake = FakeCommands([.init(output: state)])
        var callsBefore: [String]?
        try Slurm(command: fake.command).requeue("14_3") { callsBefore = fake.calls }
        // It is announced before Slurm may end the program.
        #expect(callsBefore?.count == (isPutBack ? 1 : nil))
        #expect(fake.calls.first == "squeue --noheader --array --format=%T --jobs=14_3")
        #expect(fake.calls.dropFirst() == (isPutBack ? ["scontrol requeue 14_3"] : []))
    }

    @Test func `a program that is missing is named`() {
        let error = #expect(throws: ClusterError.self) { try ExternalCommand.onPath.run("no-such-program", []) }
        #expect(
            error?.message
                == "there is no 'no-such-program' on the PATH: use --executor slurm where jobs are submitted to Slurm")
    }

    @Test func `a program's output, complaints and status are read`() throws {
        let result = try ExternalCommand.onPath.run("sh", ["-c", "echo out; echo err >&2; exit 3"])
        #expect(result == ExternalCommand.Result(status: 3, output: "out\n", errors: "err\n"))
    }
}
