import Documents
import Foundation
import Testing

@Suite struct StoredRunTests {
    /// The closing tables: all from the first table on but the line with the time.
    private func closing(_ output: String) throws -> [Substring] {
        let start = try #require(output.range(of: "\nstage     parameters"))
        return output[start.lowerBound...].split(separator: "\n").filter { !$0.contains(" stages in ") }
    }

    @Test func `a run is shown from its folder as it ended`() throws {
        let workspace = try Workspace()
        let run = try workspace.pare("run", "recipe.yaml", "--output", "out")
        #expect(run.status == 0, "\(run.errors)")
        let shown = try workspace.pare("show", "out")
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(try closing(shown.output) == closing(run.output))
        #expect(shown.output.hasPrefix("tiny: done, 20"))
        #expect(shown.output.contains("\nprune     ran  "))
        #expect(try workspace.pare("show", "out/run.json").output == shown.output)
    }

    @Test func `a run that was killed is shown, and one that cannot be read is not`() throws {
        let workspace = try Workspace()
        let command = try workspace.start(
            ["run", "recipe.yaml", "--set", "train.MaxEpochs=60000", "--output", "out", "--json"])
        #expect(command.waits(for: "\"what\""))
        Thread.sleep(forTimeInterval: 0.6)  // run.json is written every quarter of a second
        command.send(SIGKILL)
        _ = try command.end()
        let shown = try workspace.pare("show", "out")
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(shown.output.hasPrefix("tiny: unfinished: it was killed, or is going on, 20"))
        #expect(shown.output.contains("\ntrain     interrupted"))
        #expect(
            shown.output.hasSuffix(
                "\n5 stages in \(try seconds(workspace)): 1 ran, 1 interrupted, 3 skipped\nrun: out\n"))

        let none = try workspace.pare("show", "data")
        #expect(none.status == 1)
        #expect(
            none.errors
                == "error: there is no run in 'data', expected a folder with a run.json, as 'pare run' leaves it\n")
    }

    private func seconds(_ workspace: Workspace) throws -> String {
        let seconds = try #require(try workspace.json("out/run.json").value(at: "execution.seconds")?.double)
        let hundredths = Int((seconds * 100).rounded())
        return seconds < 1 ? "0.\(hundredths < 10 ? "0" : "")\(hundredths) s" : "\((seconds * 10).rounded() / 10) s"
    }

    @Test func `two runs are compared`() throws {
        let workspace = try Workspace()
        #expect(try workspace.pare("run", "recipe.yaml", "--output", "a").status == 0)
        #expect(
            try workspace.pare("run", "recipe.yaml", "--output", "b", "--set", "prune.goal.reduction=0.5").status == 0)
        let text = try workspace.pare("compare", "a", "b")
        #expect(text.status == 0, "\(text.errors)")
        #expect(text.output.contains("\nprune  goal.totalParameters  39  28\n"))
        #expect(text.output.contains("\nprune     totalParameters "))
        let json = try JSONValue(parsing: try workspace.pare("compare", "a", "b", "--json").output)
        #expect(json["stages"]?.elements?.map { $0["same"] } == [true, true, false, false, false])
        #expect(try workspace.pare("compare", "a", "none").status == 1)
    }

    @Test func `a plan is drawn as a graph`() throws {
        let workspace = try Workspace()
        let dot = try workspace.pare("plan", "recipe.yaml", "--format", "dot")
        #expect(dot.status == 0 && dot.output.hasPrefix("digraph pare {\n"))
        let mermaid = try workspace.pare("plan", "recipe.yaml", "--format", "mermaid")
        #expect(mermaid.status == 0 && mermaid.output.hasPrefix("flowchart LR\n"))
        let lines = try workspace.pare("plan", "recipe.yaml", "--format", "json")
        #expect(try lines.output == workspace.pare("plan", "recipe.yaml", "--json").output)
        let both = try workspace.pare("plan", "recipe.yaml", "--format", "dot", "--json")
        #expect(both.status == 64)
        #expect(both.errors.hasPrefix("Error: --json and --format dot exclude each other: keep one of them\n"))
        let broken = try workspace.pare("plan", "none.yaml", "--format", "json")
        #expect(broken.status == 2 && broken.output.hasPrefix(#"{"event":"diagnostic""#) && broken.errors == "")
    }
}
