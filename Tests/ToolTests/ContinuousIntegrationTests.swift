import Diagnostics
import Documents
import Foundation
import RecipeSyntax
import Testing

/// The job in docs/ci, step by step, in a workspace as a runner has it.
@Suite struct ContinuousIntegrationTests {
    private struct Step {
        let command: String
        let runsAlways: Bool
    }

    /// The steps with a command, and the paths that are kept, of the example.
    private func job() throws -> (steps: [Step], kept: [String]) {
        let job = try #require(try ShippedFilesTests.json("docs/ci/github-actions.yaml").value(at: "jobs.compress"))
        let steps = try #require(job["steps"]?.elements)
        let kept = steps.first { $0["uses"]?.text?.contains("upload-artifact") == true }?.value(at: "with.path")?.text
        return (
            steps.compactMap { step in
                step["run"]?.text.map { Step(command: $0, runsAlways: step["if"]?.text?.contains("always()") == true) }
            }, try #require(kept).split(separator: "\n").map(String.init)
        )
    }

    /// A repository with two recipes.
    private func repository() throws -> Workspace {
        let workspace = try Workspace()
        for folder in ["pipelines", "bin"] {
            try FileManager.default.createDirectory(
                at: workspace.folder.appending(path: folder), withIntermediateDirectories: true)
        }
        let recipe = Workspace.recipe.replacing(
            "{network: tiny.yaml, data: data}", with: "{network: ../tiny.yaml, data: ../data}")
        try workspace.write("pipelines/first.yaml", recipe)
        try workspace.write("pipelines/second.yaml", recipe.replacing("name: tiny", with: "name: second"))
        try FileManager.default.createSymbolicLink(
            at: workspace.folder.appending(path: "bin/pare"), withDestinationURL: Tool.executable)
        return workspace
    }

    /// Runs the commands as a runner does: in order, and after a failure those only that always run.
    private func run(_ steps: [Step], in workspace: Workspace) throws -> [Tool.Result?] {
        var hasFailed = false
        return try steps.map { step in
            if hasFailed, !step.runsAlways { return nil }
            let environment = "PATH=\"$PWD/bin:$PATH\" GITHUB_STEP_SUMMARY=page.md"
            try workspace.write("step.sh", step.command)
            let result = try workspace.shell("\(environment) bash -e step.sh")
            hasFailed = hasFailed || result.status != 0
            return result
        }
    }

    @Test func `the steps of the example do what they say`() throws {
        let (steps, kept) = try job()
        #expect(steps.count == 4)
        let workspace = try repository()
        #expect(try workspace.pare("run", "pipelines/*.yaml").status == 0)
        #expect(try workspace.pare("lock", "pipelines/*.yaml").status == 0)

        let results = try run(steps, in: workspace)
        #expect(results.map { $0?.status } == [0, 0, 0, 0], "\(results)")
        #expect(results[0]?.output.split(separator: "\n").count == 2)
        #expect(try workspace.statuses("runs/second") == ["reused", "reused", "reused", "reused", "reused"])
        let page = try String(contentsOf: workspace.folder.appending(path: "page.md"), encoding: .utf8)
        #expect(page.hasPrefix("## pare: done\n\n| recipe | result | parameters |"))
        #expect(page.contains("\n| second | done | 56 → 38 |"))
        for path in kept + ["reports/junit.xml", "runs/tiny/network.safetensors"] {
            #expect(FileManager.default.fileExists(atPath: workspace.folder.appending(path: path).path), "\(path)")
        }
    }

    @Test func `the store is kept under a key of its own for each attempt, and small`() throws {
        let job = try ShippedFilesTests.json("docs/ci/github-actions.yaml").value(at: "jobs.compress")
        let steps = try #require(job?["steps"]?.elements)
        let caches = steps.filter { $0["uses"]?.text?.hasPrefix("actions/cache/") == true }
        let key: JSONValue = "pare-${{ github.run_id }}-${{ github.run_attempt }}"
        #expect(caches.map { $0.value(at: "with.key") } == [key, key])
        #expect(caches.first?.value(at: "with.restore-keys") == "pare-")
        #expect(steps.contains { $0["run"] == "pare store gc --older-than 30d" })
    }

    @Test func `drift fails the first step, and a result that moved the second one with a summary`() throws {
        let steps = try job().steps
        let workspace = try repository()
        #expect(try workspace.pare("run", "pipelines/*.yaml").status == 0)
        #expect(try workspace.pare("lock", "pipelines/*.yaml").status == 0)
        let path = "pipelines/second.lock.yaml"
        let lock = try String(contentsOf: workspace.folder.appending(path: path), encoding: .utf8)

        try workspace.write(path, lock.replacing("memoryBytes: 168", with: "memoryBytes: 100"))
        let moved = try run(steps, in: workspace)
        #expect(moved.map { $0?.status } == [0, 1, 0, 0])
        let page = try String(contentsOf: workspace.folder.appending(path: "page.md"), encoding: .utf8)
        #expect(page.contains("\n- **second**: prune: memoryBytes is 168, expected 100\n"))

        try workspace.write("pipelines/second.yaml", "# new\n" + Workspace.recipe)
        #expect(try run([steps[0]], in: workspace).first??.status == 2)
    }
}
