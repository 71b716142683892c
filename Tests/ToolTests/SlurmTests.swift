import Documents
import Foundation
import Testing

/// `--executor slurm`, with programs in the place of Slurm's; Tests/Slurm/test does it with Slurm itself.
@Suite struct SlurmTests {
    /// A folder with Slurm's programs in it.
    private static func workspace(recipe: String = Workspace.recipe) throws -> (Workspace, [String: String]) {
        let workspace = try Workspace(recipe: recipe)
        let bin = workspace.folder.appending(path: "bin")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        let fake = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fake-slurm.py")
        for name in ["sbatch", "squeue", "scancel", "scontrol"] {
            try FileManager.default.createSymbolicLink(at: bin.appending(path: name), withDestinationURL: fake)
        }
        let environment = [
            "PATH": bin.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? ""),
            "FAKE_SLURM": workspace.folder.appending(path: "slurm").path,
        ]
        return (workspace, environment)
    }

    private static func calls(_ workspace: Workspace) -> [String] {
        let text = try? String(contentsOf: workspace.folder.appending(path: "slurm/calls"), encoding: .utf8)
        return (text ?? "").split(separator: "\n").map(String.init)
    }

    private static let slurm = ["run", "recipe.yaml", "--executor", "slurm"]

    @Test func `stages that run as jobs give the results of a run on this machine`() throws {
        let (workspace, environment) = try Self.workspace()
        #expect(try workspace.pare("run", "recipe.yaml", "--output", "local", "--store", "local-store").status == 0)
        let options = ["--output", "far", "--threads", "2", "--slurm-option=--partition=gpu"]
        let far = try workspace.start(Self.slurm + options, environment: environment).end()
        #expect(far.status == 0, "\(far.errors)")
        #expect(far.errors == "")
        #expect(
            far.output.hasPrefix(
                """
                load      job 1  submitted
                train     job 2  submitted, after load
                prune     job 3  submitted, after train
                quantize  job 4  submitted, after prune
                evaluate  job 5  submitted, after train, prune, quantize
                collect   job 6  submitted, after all of them
                load      job 1  completed

                """))
        #expect(far.output.hasSuffix("\nrun: far\n"))
        #expect(try workspace.statuses("far") == ["reused", "reused", "reused", "reused", "reused"])
        #expect(try workspace.statuses("far/jobs/prune") == ["reused", "reused", "ran", "skipped", "skipped"])
        #expect(try workspace.results("far") == workspace.results("local"))
        let script = try String(contentsOf: workspace.folder.appending(path: "far/jobs/prune.sh"), encoding: .utf8)
        #expect(script.contains("\n#SBATCH --job-name=tiny.prune\n"))
        #expect(script.contains("\n#SBATCH --cpus-per-task=2\n"))
        #expect(script.contains("\n#SBATCH --partition=gpu\n"))
        let calls = Self.calls(workspace).count
        let again = try workspace.start(Self.slurm + ["--output", "far"], environment: environment).end()
        #expect(again.status == 0, "\(again.errors)")
        #expect(Self.calls(workspace).dropFirst(calls).allSatisfy { !$0.hasPrefix("sbatch") })
    }

    @Test func `a stage that fails in its job fails the run, and the message leads to its log`() throws {
        let (workspace, environment) = try Self.workspace()
        let options = ["--output", "far", "--set", "train.InitialLearnRate=1e38"]
        let result = try workspace.start(Self.slurm + options, environment: environment).end()
        #expect(result.status == 1)
        #expect(result.output.contains("train     job 2  failed: see far/jobs/train.log\n"))
        #expect(result.output.contains("prune     job 3  cancelled"))
        let lines = result.errors.split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("error: stage 'train' failed: job 2: ") == true)
        #expect(lines.first?.hasSuffix("; see 'far/jobs/train.log'") == true)
        #expect(lines.last?.contains(" run recipe.yaml --executor slurm --output far") == true)
        #expect(try workspace.statuses("far") == ["reused", "failed", "skipped", "skipped", "skipped"])
    }

    @Test func `a requirement that is not met has the exit status 3 and fails no job`() throws {
        let (workspace, environment) = try Self.workspace()
        let options = ["--output", "far", "--set", "evaluate.require={memory: <= 1 B}"]
        let result = try workspace.start(Self.slurm + options, environment: environment).end()
        #expect(result.status == 3, "\(result.errors)")
        #expect(result.output.contains("evaluate  job 5  completed\ncollect   job 6  completed\n"))
    }

    @Test func `recipes run as one graph of jobs`() throws {
        let (workspace, environment) = try Self.workspace()
        try workspace.write("other.yaml", Workspace.recipe.replacing("name: tiny", with: "name: other"))
        let command = ["run", "recipe.yaml", "other.yaml", "--executor", "slurm", "--output", "far", "--json"]
        let result = try workspace.start(command, environment: environment).end()
        #expect(result.status == 0, "\(result.errors)")
        let events = try result.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(events.filter { $0["event"] == "job.submitted" }.count == 6)
        #expect(events.last?["event"] == "run.finished")
        #expect(try workspace.statuses("far/other") == ["reused", "reused", "reused", "reused", "reused"])
    }

    @Test func `a submission that fails says why and leaves nothing in the queue`() throws {
        let (workspace, environment) = try Self.workspace()
        let refused = try workspace.start(
            Self.slurm + ["--output", "far"],
            environment: environment.merging(["FAKE_SLURM_REFUSE": "prune", "FAKE_SLURM_HOLD": "1"]) { $1 }
        ).end()
        #expect(refused.status == 1)
        #expect(
            refused.errors == "error: sbatch refuses 'far/jobs/prune.sh': sbatch: error: invalid partition specified: "
                + "gpu; the 2 jobs before it were cancelled\n")
        #expect(Self.calls(workspace).last == "scancel 1 2")
        let missing = try workspace.start(Self.slurm, environment: ["PATH": workspace.folder.path]).end()
        #expect(missing.status == 1)
        #expect(
            missing.errors
                == "error: there is no 'sbatch' on the PATH: use --executor slurm where jobs are submitted to Slurm\n")
    }

    @Test func `jobs in the queue are found again, waited for and left alone by SIGINT`() throws {
        let (workspace, environment) = try Self.workspace()
        let held = environment.merging(["FAKE_SLURM_HOLD": "1"]) { $1 }
        let detached = try workspace.start(Self.slurm + ["--output", "far", "--detach"], environment: held).end()
        #expect(detached.status == 0, "\(detached.errors)")
        #expect(
            detached.output.hasSuffix(
                """
                collect   job 6  submitted, after all of them
                wait for them: \(Tool.executable.path) run recipe.yaml --executor slurm --output far
                cancel them: scancel 1 2 3 4 5 6

                """))
        let waiting = try workspace.start(Self.slurm + ["--output", "far"], environment: held)
        #expect(waiting.waits(for: "jobs 1, 2, 3, 4, 5, 6 are in the queue already\n"))
        try workspace.write("slurm/jobs/1", "RUNNING")
        #expect(waiting.waits(for: "load      job 1  running\n"))
        waiting.send(SIGINT)
        let stopped = try waiting.end()
        #expect(stopped.status == 130)
        #expect(
            stopped.errors == """
                interrupted: the jobs go on. To cancel them, type
                scancel 1 2 3 4 5 6
                and to wait for them again
                \(Tool.executable.path) run recipe.yaml --executor slurm --output far

                """)
        let other = try workspace.start(
            Self.slurm + ["--output", "far", "--set", "train.MaxEpochs=2"], environment: held
        ).end()
        #expect(other.status == 1)
        #expect(
            other.errors == "error: jobs of another plan are in the queue for 'far': cancel them by "
                + "'scancel 1 2 3 4 5 6', or name another folder with --output\n")
    }

    @Test(arguments: [("RUNNING", true), ("COMPLETING", false)])
    func `a job that its time limit ends goes back into the queue, one that is cancelled does not`(
        state: String, isPutBack: Bool
    ) throws {
        let (workspace, environment) = try Self.workspace()
        let job = environment.merging(["SLURM_JOB_ID": "77", "FAKE_SLURM_STATE": state]) { $1 }
        let command = SignalTests.options + ["--until", "train", "--output", "job", "--as-job", "--json"]
        let running = try workspace.start(command, environment: job)
        #expect(running.waits(for: "\"what\""))
        running.send(SIGTERM)
        let result = try running.end()
        #expect(result.status == 143)
        #expect(result.errors.contains("job 77 goes back into the queue\n") == isPutBack)
        #expect(Self.calls(workspace).contains("scontrol requeue 77") == isPutBack)
    }

    @Test func `a sweep that runs as an array gives what one on this machine gives`() throws {
        let recipe =
            Workspace.recipe + """
                sweep:
                  parameters: {prune.MaxToPrune: [1, 2], prune.epochs: [1, 2]}
                  objective: {maximize: evaluate.accuracy}

                """
        let (workspace, environment) = try Self.workspace(recipe: recipe)
        let local = try workspace.pare("sweep", "run", "recipe.yaml", "--output", "local", "--store", "local-store")
        #expect(local.status == 0, "\(local.errors)")
        let command = ["sweep", "run", "recipe.yaml", "--output", "far", "--executor", "slurm", "--jobs", "3"]
        let far = try workspace.start(command, environment: environment).end()
        #expect(far.status == 0, "\(far.errors)")
        #expect(far.output.hasPrefix("points   job 1  submitted\ncollect  job 2  submitted, after points\n"))
        for point in ["0000", "0001", "0002", "0003"] {
            #expect(try workspace.results("far/runs/\(point)") == workspace.results("local/runs/\(point)"))
        }
        #expect(try Self.text("far/best.yaml", in: workspace) == Self.text("local/best.yaml", in: workspace))
        #expect(try Self.text("far/jobs/points.sh", in: workspace).contains("\n#SBATCH --array=0-3%3\n"))
        #expect(Self.calls(workspace).contains { $0.contains("--dependency=afterany:1 far/collect.sh") })
        let calls = Self.calls(workspace).count
        let again = try workspace.start(command, environment: environment).end()
        #expect(again.status == 0, "\(again.errors)")
        #expect(Self.calls(workspace).count == calls)
    }

    private static func text(_ path: String, in workspace: Workspace) throws -> String {
        try String(contentsOf: workspace.folder.appending(path: path), encoding: .utf8)
    }

    @Test func `a search is not for jobs`() throws {
        let workspace = try FractionSearchTests.workspace()
        let result = try workspace.start(Self.slurm).end()
        #expect(result.status == 64)
        #expect(
            result.errors.hasPrefix(
                "Error: 'tiny' leaves budget.pruningFraction to a search, which --executor slurm does not run: "
                    + "set it, as in --set budget.pruningFraction=0.5\n"))
        #expect(!FileManager.default.fileExists(atPath: workspace.folder.appending(path: ".pare").path))
    }

    @Test func `a point file runs what was frozen, and refuses what has changed`() throws {
        let (workspace, environment) = try Self.workspace()
        let held = environment.merging(["FAKE_SLURM_HOLD": "1"]) { $1 }
        let options = ["--output", "far", "--detach", "--set", "train.MaxEpochs=2"]
        #expect(try workspace.start(Self.slurm + options, environment: held).end().status == 0)
        let run = try workspace.pare("run", "far/point.json", "--output", "point", "--until", "train")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try workspace.json("point/02-train.json").value(at: "options.MaxEpochs") == 2)
        try workspace.write("recipe.yaml", Workspace.recipe.replacing("seed: 3", with: "seed: 4"))
        let changed = try workspace.pare("run", "far/point.json")
        #expect(changed.status == 1)
        #expect(
            changed.errors == "error: the recipe or its inputs changed since the plan of 'tiny' was frozen: "
                + "stage 'train' has another key\n")
        try workspace.write("recipe.yaml", Workspace.recipe)
        try FileManager.default.copyItem(
            at: workspace.folder.appending(path: "far/point.json"), to: workspace.folder.appending(path: "far/b.json"))
        let twice = try workspace.pare("run", "far/point.json", "far/b.json")
        #expect(twice.status == 1)
        #expect(
            twice.errors
                == "error: 'far/point.json' and 'far/b.json' are both called 'tiny': run one after the other\n")
    }
}
