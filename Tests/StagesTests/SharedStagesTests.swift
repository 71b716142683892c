import Execution
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct SharedStagesTests {
    @Test func `two recipes run once what they share`() throws {
        let project = try TinyProject()
        let other = TinyProject.recipe.replacing("name: tiny", with: "name: other")
            .replacing("scaling: power-of-two", with: "scaling: affine")
        let recipes = [try project.resolve(), try project.resolve(other)]
        let outcome = try project.run(recipes, threads: 2, jobs: 2)
        #expect(outcome.summary.exitStatus == .done)
        let made = outcome.summary.stages.filter { $0.status == .ran }.map(\.stage.key)
        #expect(made.count == 9 && Set(made).count == 9)
        #expect(outcome.summary.count(of: .reused) == 5)

        // Each folder is what its recipe would have left on its own.
        let alone = try project.run(other, store: "alone-store", output: "alone")
        #expect(alone.bytes.count == 8)
        for (name, bytes) in alone.bytes { #expect(outcome.bytes["other/\(name)"] == bytes, "\(name)") }
    }

    @Test func `a run uses the data as they were when it was checked, and the next one sees what changed`() throws {
        let project = try TinyProject()
        let expected = try project.run(store: "quiet", output: "quiet-run")
        let recipe = try project.resolve()
        let file = project.folder.path + "/data/train.ts"
        let data = try String(contentsOfFile: file, encoding: .utf8)
        try FileManager.default.removeItem(atPath: file)
        let outcome = try project.run([recipe])
        #expect(outcome.summary.exitStatus == .done)
        #expect(outcome.bytes == expected.bytes)

        let changed = data.replacing("moving\n", with: "still\n", maxReplacements: 1)
        #expect(changed != data)
        try project.write("data/train.ts", changed)
        #expect(try project.plan().decisions.first?.description == "runs: content of data.train.ts changed")
        let anew = try project.run()
        #expect(anew.statuses == Array(repeating: .ran, count: 7))
        #expect(anew.bytes != expected.bytes)
    }
}
