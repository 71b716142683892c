import Documents
import Foundation
import Testing

@Suite struct RunTests {
    @Test func `a run ends with its table, and again there is nothing to do`() throws {
        let workspace = try Workspace()
        let first = try workspace.pare("run", "recipe.yaml", "--output", "first")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.errors == "")
        #expect(try workspace.statuses("first") == ["ran", "ran", "ran", "ran", "ran"])
        #expect(first.output.contains("\nstage     parameters"))
        #expect(first.output.contains("\naccuracy  >= 60 %   60.0 %"))
        #expect(first.output.hasSuffix("\nrun: first\n"))

        let second = try workspace.pare("run", "recipe.yaml", "--output", "second")
        #expect(second.status == 0)
        #expect(try workspace.statuses("second") == ["reused", "reused", "reused", "reused", "reused"])
        #expect(try workspace.results("first") == workspace.results("second"))
        let plan = try workspace.pare("plan", "recipe.yaml")
        #expect(
            plan.output == """
                load      reused
                train     reused
                prune     reused
                quantize  reused
                evaluate  reused
                0 of 5 stages would run

                """)
    }

    @Test func `a changed option runs its stage and those after it, and the plan says why`() throws {
        let workspace = try Workspace()
        #expect(try workspace.pare("run", "recipe.yaml", "--until", "prune").status == 0)
        let plan = try workspace.pare("plan", "recipe.yaml", "--set", "prune.retrain.MaxEpochs=2")
        #expect(
            plan.output == """
                load      reused
                train     reused
                prune     runs: option retrain.MaxEpochs changed from 3 to 2
                quantize  runs: never run
                evaluate  runs: never run
                3 of 5 stages would run

                """)
        let events = try workspace.pare("plan", "recipe.yaml", "--json").output.split(separator: "\n")
        #expect(
            try events.map { try JSONValue(parsing: String($0))["decision"] } == [
                "reuse", "reuse", "reuse", "run", "run",
            ])
    }

    @Test func `threads, jobs and a fresh run change no result`() throws {
        let workspace = try Workspace()
        #expect(try workspace.pare("run", "recipe.yaml", "--output", "a", "--threads", "1").status == 0)
        let again = try workspace.pare(
            "run", "recipe.yaml", "--output", "b", "--threads", "3", "--jobs", "2", "--fresh")
        #expect(again.status == 0)
        #expect(try workspace.statuses("b") == ["ran", "ran", "ran", "ran", "ran"])
        #expect(try workspace.results("a") == workspace.results("b"))
    }

    @Test func `from makes a stage again, and a frozen run makes nothing`() throws {
        let workspace = try Workspace()
        let frozen = try workspace.pare("run", "recipe.yaml", "--frozen", "--output", "frozen")
        #expect(frozen.status == 1)
        #expect(
            frozen.errors == """
                error: stage 'load' failed: it would have to run, and --frozen makes nothing: never run
                go on from there, once the cause is removed, with
                \(Tool.executable.path) run recipe.yaml --output frozen

                """)
        #expect(!FileManager.default.fileExists(atPath: workspace.folder.appending(path: ".pare").path))
        #expect(try workspace.pare("run", "recipe.yaml", "--output", "first").status == 0)
        let again = try workspace.pare(
            "run", "recipe.yaml", "--from", "prune", "--until", "quantize", "--output", "again")
        #expect(again.status == 0, "\(again.errors)")
        #expect(try workspace.statuses("again") == ["reused", "reused", "ran", "ran", "skipped"])
        let plan = try workspace.pare("plan", "recipe.yaml", "--from", "quantize")
        #expect(
            plan.output == """
                load      reused
                train     reused
                prune     reused
                quantize  runs: forced
                evaluate  runs: forced
                2 of 5 stages would run

                """)
        let whole = try workspace.pare("run", "recipe.yaml", "--frozen", "--output", "whole")
        #expect(whole.status == 0, "\(whole.errors)")
        #expect(try workspace.results("whole") == workspace.results("first"))
    }

    @Test func `stages that do not depend on a failed one go on if asked`() throws {
        let workspace = try Workspace()
        try workspace.write("other.yaml", Workspace.recipe.replacing("name: tiny", with: "name: other"))
        try workspace.write(
            "hot.yaml",
            Workspace.recipe.replacing("name: tiny", with: "name: hot").replacing(
                "train: {", with: "train: {solver: sgdm, "
            ).replacing("0.02}\n  - prune", with: "1e38}\n  - prune"))
        for (options, last) in [([], "skipped"), (["--keep-going"], "ran")] {
            let result = try workspace.start(
                ["run", "hot.yaml", "other.yaml", "--output", "runs\(options.count)"] + options
            ).end()
            #expect(result.status == 1)
            #expect(try workspace.statuses("runs\(options.count)/hot")[1] == "failed")
            #expect(try workspace.statuses("runs\(options.count)/other").last == last)
        }
    }

    @Test func `a requirement that is not met has the exit status 3`() throws {
        let workspace = try Workspace()
        let result = try workspace.pare("run", "recipe.yaml", "--set", "evaluate.require={memory: <= 1 B}")
        #expect(result.status == 3, "\(result.errors)")
        #expect(result.errors == "")
        #expect(result.output.contains("\nmemory    <= 1 B    1 B"))
        #expect(result.output.contains("\na requirement or a goal was not met\n"))
    }

    @Test func `a stage that fails has the exit status 1, and the last line is the command that goes on`() throws {
        let workspace = try Workspace()
        let result = try workspace.pare(
            "run", "recipe.yaml", "--output", "the run", "--set", "train.InitialLearnRate=1e38", "--fresh",
            "--set=train.MaxEpochs=3", "--set=train.InitialLearnRate=1e38")
        #expect(result.status == 1)
        #expect(try workspace.statuses("the run") == ["ran", "failed", "skipped", "skipped", "skipped"])
        let lines = result.errors.split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("error: stage 'train' failed: ") == true)
        #expect(
            lines.last == "\(Tool.executable.path) run recipe.yaml --output 'the run' "
                + "--set=train.MaxEpochs=3 --set train.InitialLearnRate=1e+37")
        #expect(result.output.contains("skipped  needs train, which failed\n"))
        let plan = try workspace.pare("plan", "recipe.yaml", "--set", "train.InitialLearnRate=1e38")
        #expect(plan.output.contains("\n4 of 5 stages would run\n"))
    }

    @Test func `several recipes run as one graph and share what they have in common`() throws {
        let workspace = try Workspace()
        try workspace.write(
            "other.yaml", Workspace.recipe.replacing("name: tiny", with: "name: other"))
        let result = try workspace.pare("run", "recipe.yaml", "other.yaml", "--output", "runs", "--jobs", "2")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try workspace.statuses("runs/tiny") == ["ran", "ran", "ran", "ran", "ran"])
        #expect(try workspace.statuses("runs/other") == ["reused", "reused", "reused", "reused", "reused"])
        #expect(result.output.hasSuffix("\nrun of tiny: runs/tiny\nrun of other: runs/other\n"))
    }

    @Test(
        arguments: [
            (
                ["--store", "file/store"],
                "error: not a directory while creating the folder 'file/store/records': name another folder with --store\n"
            ),
            (
                ["--store", "/proc/store"],
                "error: no such file or directory while creating the folder '/proc/store': name another folder with --store\n"
            ),
            (
                ["--store", "newer"],
                "error: store 'newer' has format 99; this pare reads format 1: use a newer pare or another --store\n"
            ),
            (
                ["--output", "file"],
                "error: not a directory while creating the folder 'file': name another folder with --output\n"
            ),
        ])
    func `a store or a folder that cannot be written stops the run before any stage`(
        options: [String], message: String
    ) throws {
        let workspace = try Workspace()
        try workspace.write("file", "")
        try FileManager.default.createDirectory(
            at: workspace.folder.appending(path: "newer"), withIntermediateDirectories: true)
        try workspace.write("newer/format.json", #"{"format": 99}"#)
        let result = try workspace.start(["run", "recipe.yaml"] + options).end()
        #expect(result.status == 1)
        #expect(result.errors == message)
        #expect(result.output == "")
    }
}
