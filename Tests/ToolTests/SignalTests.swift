import Documents
import Foundation
import Testing

@Suite struct SignalTests {
    /// Long enough to be stopped.
    static let options = ["run", "recipe.yaml", "--set", "train.MaxEpochs=3000", "--threads", "1"]

    @Test(arguments: [(SIGINT, Int32(130), "interrupted"), (SIGTERM, 143, "terminated")])
    func `a signal leaves a checkpoint, and the command goes on to the same result`(
        signal: Int32, status: Int32, word: String
    ) throws {
        let workspace = try Workspace()
        let command = try workspace.start(Self.options + ["--output", "stopped", "--json"])
        #expect(command.waits(for: "\"what\""))
        command.send(signal)
        let stopped = try command.end()
        #expect(stopped.status == status)
        #expect(
            stopped.errors == """
                \(word): saving a checkpoint...
                \(word): go on from there with
                \(Tool.executable.path) run recipe.yaml --set train.MaxEpochs=3000 --threads 1 --output stopped --json

                """)
        #expect(try workspace.statuses("stopped") == ["ran", "interrupted", "skipped", "skipped", "skipped"])
        let plan = try workspace.pare("plan", "recipe.yaml", "--set", "train.MaxEpochs=3000")
        #expect(plan.output.contains("\ntrain     runs: interrupted, goes on from its checkpoint\n"))

        let resumed = try workspace.start(Self.options + ["--output", "resumed"]).end()
        #expect(resumed.status == 0, "\(resumed.errors)")
        let quiet = try workspace.start(Self.options + ["--output", "quiet", "--store", "quiet-store"]).end()
        #expect(quiet.status == 0, "\(quiet.errors)")
        #expect(try workspace.statuses("resumed") == ["reused", "ran", "ran", "ran", "ran"])
        #expect(try workspace.results("resumed") == workspace.results("quiet"))
    }

    @Test func `after SIGKILL the same command goes on to the same result`() throws {
        let workspace = try Workspace()
        let options = ["run", "recipe.yaml", "--checkpoint-interval", "0"]
        let command = try workspace.start(options + ["--output", "killed", "--json"])
        #expect(command.waits(for: "\"what\""))
        command.send(SIGKILL)
        _ = try command.end()
        let resumed = try workspace.start(options + ["--output", "resumed"]).end()
        #expect(resumed.status == 0, "\(resumed.errors)")
        let quiet = try workspace.start(options + ["--output", "quiet", "--store", "quiet-store"]).end()
        #expect(quiet.status == 0)
        #expect(try workspace.results("resumed") == workspace.results("quiet"))
    }

    @Test func `a run goes on when nobody reads its output any more`() throws {
        let workspace = try Workspace()
        let result = try workspace.shell(#"{ "$PARE" run recipe.yaml --output out; echo "status $?" >&2; } | head -1"#)
        #expect(result.errors == "status 0\n")
        #expect(result.output.split(separator: "\n").count == 1)
        #expect(try workspace.json("out/run.json")["exitStatus"] == 0)
    }
}
