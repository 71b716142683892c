import Diagnostics
import Documents
import Foundation
import RecipeSyntax
import Testing

/// Locking recipes and runs that are held to that.
@Suite struct LockToolTests {
    /// A workspace whose recipe was run and locked.
    private func locked(_ options: String...) throws -> Workspace {
        let workspace = try Workspace()
        #expect(try workspace.pare("run", "recipe.yaml", "--output", "first").status == 0)
        let lock = try workspace.start(["lock", "recipe.yaml"] + options).end()
        #expect(lock.status == 0, "\(lock.errors)")
        #expect(lock.output == "recipe.lock.yaml: 5 inputs, 3 measures\n")
        return workspace
    }

    private func edit(_ path: String, in workspace: Workspace, _ change: (String) -> String) throws {
        let text = try String(contentsOf: workspace.folder.appending(path: path), encoding: .utf8)
        try workspace.write(path, change(text))
    }

    private static let remedy =
        "if that is meant, write the lock file anew with\n\(Tool.executable.path) lock recipe.yaml\n"

    @Test func `a run that comes to what was locked is done, and locking again changes nothing`() throws {
        let workspace = try locked()
        let path = workspace.folder.appending(path: "recipe.lock.yaml")
        let text = try Data(contentsOf: path)
        let run = try workspace.pare("run", "recipe.yaml", "--locked", "--fresh", "--junit", "junit.xml")
        #expect(run.status == 0, "\(run.errors)")
        let check = try workspace.pare("check", "recipe.yaml", "--locked")
        #expect(check.status == 0, "\(check.errors)")
        #expect(try workspace.pare("lock", "./recipe.yaml").status == 0)
        #expect(try Data(contentsOf: path) == text)
        let event = try JSONValue(parsing: try workspace.pare("lock", "recipe.yaml", "--json").output)
        #expect(
            event == [
                "event": "lock.written", "recipe": "tiny", "file": "recipe.lock.yaml", "inputs": 5, "measures": 3,
            ])
        let junit = try String(contentsOf: workspace.folder.appending(path: "junit.xml"), encoding: .utf8)
        #expect(junit.contains(#"<testcase classname="tiny" name="lock" time="0.000"/>"#))

        let json = workspace.folder.appending(path: "lock.json")
        var diagnostics = DiagnosticList()
        let node = NodeReader.read(SourceFile(name: path.path, bytes: [UInt8](text)), into: &diagnostics)
        try Data(try #require(node).json.prettyText.utf8).write(to: json)
        #expect(try ShippedFilesTests.faults([("lock.schema.json", json)]) == "")
    }

    @Test(arguments: [
        ["run", "recipe.yaml", "--locked", "--junit", "junit.xml"], ["check", "recipe.yaml", "--locked"],
    ])
    func `what drifted is found before anything runs`(command: [String]) throws {
        let workspace = try locked()
        try edit("data/test.ts", in: workspace) { $0.replacing("@problemName Tiny", with: "@problemName Other") }
        try edit("recipe.yaml", in: workspace) { $0.replacing("MaxToPrune: 1", with: "MaxToPrune: 2") }
        let result = try workspace.start(command).end()
        #expect(result.status == 1)
        #expect(result.output == "")
        #expect(
            result.errors == """
                error: 'tiny' differs from 'recipe.lock.yaml'
                  input 'data/test.ts' changed
                  input 'recipe.yaml' changed

                """ + Self.remedy)
        if command[0] == "run" {
            let junit = try String(contentsOf: workspace.folder.appending(path: "junit.xml"), encoding: .utf8)
            #expect(junit.contains("<failure message=\"2 differences from the lock file\" type=\"lock\">"))
        }
    }

    @Test func `other options are a difference, and with --json differences are events`() throws {
        let workspace = try locked()
        let set = ["--set", "prune.MaxToPrune=2"]
        let text = try workspace.start(["check", "recipe.yaml", "--locked"] + set).end()
        #expect(text.errors.contains("\n  stage 'prune': option MaxToPrune changed from 1 to 2\n"))
        #expect(text.errors.hasSuffix(" lock recipe.yaml --set prune.MaxToPrune=2\n"))
        let json = try workspace.start(["check", "recipe.yaml", "--locked", "--json"] + set).end()
        #expect(json.status == 1)
        #expect(json.errors == "")
        #expect(
            try JSONValue(parsing: json.output) == [
                "event": "lock.difference", "recipe": "tiny", "file": "recipe.lock.yaml",
                "message": "stage 'prune': option MaxToPrune changed from 1 to 2",
            ])
    }

    @Test func `a lock pins what ran, with what was set`() throws {
        let workspace = try Workspace()
        let set = ["--set", "prune.MaxToPrune=2"]
        #expect(try workspace.start(["run", "recipe.yaml"] + set).end().status == 0)
        #expect(try workspace.start(["lock", "recipe.yaml"] + set).end().status == 0)
        #expect(try workspace.start(["run", "recipe.yaml", "--locked"] + set).end().status == 0)
        let without = try workspace.pare("run", "recipe.yaml", "--locked", "--store", "empty")
        #expect(without.status == 1)
        #expect(without.errors.contains("\n  stage 'prune' has other options, another seed or another version\n"))
    }

    @Test func `results out of their tolerance are told after the run`() throws {
        let workspace = try locked("--tolerance", "accuracy=0")
        try edit("recipe.lock.yaml", in: workspace) { text in
            text.replacing("memoryBytes: 168", with: "memoryBytes: 167").replacing(
                #/prune:\n      accuracy: {expected: [0-9.]+/#, with: "prune:\n      accuracy: {expected: 0.25")
        }
        let result = try workspace.pare("run", "recipe.yaml", "--locked", "--junit", "junit.xml")
        #expect(result.status == 1)
        #expect(result.output.contains("\n5 stages in "))
        #expect(
            result.errors == """
                error: 'tiny' differs from 'recipe.lock.yaml'
                  prune: memoryBytes is 168, expected 167
                  evaluate: accuracy of prune is 1.0, expected 0.25 within 0.0

                """ + Self.remedy)
        let junit = try String(contentsOf: workspace.folder.appending(path: "junit.xml"), encoding: .utf8)
        #expect(junit.contains("prune: memoryBytes is 168, expected 167\n"))
        #expect(try workspace.pare("check", "recipe.yaml", "--locked").status == 0)
    }

    @Test func `another version of pare is a difference`() throws {
        let workspace = try locked()
        try edit("recipe.lock.yaml", in: workspace) { $0.replacing("pare: 0.1.0", with: "pare: 0.0.9") }
        let result = try workspace.pare("run", "recipe.yaml", "--locked")
        #expect(result.status == 1)
        #expect(result.errors.contains("\n  pare is version 0.1.0, locked with 0.0.9\n"))
    }

    @Test func `without a lock file the command that writes it is told`() throws {
        let workspace = try Workspace()
        for command in ["run", "check"] {
            let result = try workspace.pare(command, "recipe.yaml", "--locked")
            #expect(result.status == 1)
            #expect(
                result.errors == "error: there is no lock file 'recipe.lock.yaml': write it with "
                    + "'\(Tool.executable.path) lock recipe.yaml'\n")
            #expect(result.output == "")
        }
    }

    @Test func `a damaged lock file is shown with the place`() throws {
        let workspace = try locked()
        try edit("recipe.lock.yaml", in: workspace) {
            $0.replacing("version: 1\n", with: "version: 0\n").replacing("memoryBytes: 168", with: "memoryBytes: many")
        }
        let faults = """
            recipe.lock.yaml:2:10: error: 'version' must be 1, found 0 [out-of-range]
            2 | version: 0
              |          ^
            recipe.lock.yaml:27:18: error: 'memoryBytes' must be a whole number of at least 0, found 'many' [wrong-type]
            27 |     memoryBytes: many
               |                  ^~~~
            2 errors

            """
        let result = try workspace.pare("check", "recipe.yaml", "--locked")
        #expect(result.status == 2)
        #expect(result.errors == faults)
        let again = try workspace.pare("lock", "recipe.yaml")
        #expect(again.status == 2)
        #expect(again.errors == faults + "its tolerances stay when it is written anew: mend it, or remove it\n")
    }

    @Test(arguments: [["check", "recipe.yaml", "--locked"], ["lock", "recipe.yaml"]])
    func `a lock file of a later format asks for a newer pare, whatever else is in it`(command: [String]) throws {
        let workspace = try locked()
        try edit("recipe.lock.yaml", in: workspace) { $0.replacing("version: 1\n", with: "version: 2\nnew: 1\n") }
        let result = try workspace.start(command).end()
        #expect(result.status == 2)
        let shown = """
            recipe.lock.yaml:2:10: error: the lock file has version 2; this pare reads version 1 [out-of-range]
            2 | version: 2
              |          ^
              = help: use a newer pare
            1 error

            """
        let remedy = command[0] == "lock" ? "its tolerances stay when it is written anew: mend it, or remove it\n" : ""
        #expect(result.errors == shown + remedy)
    }

    @Test func `locking again keeps tolerances, and the command that is told finds the store`() throws {
        let workspace = try Workspace()
        let store = ["--store", "other store"]
        #expect(try workspace.start(["run", "recipe.yaml"] + store).end().status == 0)
        #expect(try workspace.start(["lock", "recipe.yaml", "--tolerance", "accuracy=0"] + store).end().status == 0)
        try edit("recipe.yaml", in: workspace) { $0 + "# new\n" }
        let drifted = try workspace.start(["run", "recipe.yaml", "--locked"] + store).end()
        #expect(drifted.status == 1)
        #expect(
            drifted.errors == """
                error: 'tiny' differs from 'recipe.lock.yaml'
                  input 'recipe.yaml' changed
                if that is meant, write the lock file anew with
                \(Tool.executable.path) lock recipe.yaml --store 'other store'

                """)
        let line = try #require(drifted.errors.split(separator: "\n").last)
        #expect(try workspace.shell(String(line)).status == 0)
        let lock = try String(contentsOf: workspace.folder.appending(path: "recipe.lock.yaml"), encoding: .utf8)
        #expect(lock.matches(of: #/accuracy: {expected: [0-9.]+, tolerance: 0.0}/#).count == 3, "\(lock)")
        let missing = try workspace.start(["run", "recipe.yaml", "--locked", "--store", "s", "--set", "seed=4"]).end()
        #expect(missing.errors.hasSuffix("\n\(Tool.executable.path) lock recipe.yaml --set seed=4 --store s\n"))
    }

    @Test func `results that a lock file has no word of are told`() throws {
        let workspace = try locked()
        try edit("recipe.lock.yaml", in: workspace) { text in
            text[..<(text.range(of: "networks:")?.lowerBound ?? text.endIndex)] + "networks: {}\nmeasures: {}\n"
        }
        let result = try workspace.pare("run", "recipe.yaml", "--locked")
        #expect(result.status == 1)
        let lines = result.errors.split(separator: "\n").map(String.init)
        #expect(lines.first == "error: 'tiny' differs from 'recipe.lock.yaml'")
        #expect(lines.contains("  prune: totalParameters is 38, which is not locked"), "\(lines)")
        #expect(lines.contains("  evaluate: accuracy of prune is 1.0, which is not locked"), "\(lines)")
        #expect(result.errors.hasSuffix(Self.remedy))
    }

    @Test func `what was not run cannot be locked`() throws {
        let workspace = try Workspace()
        let result = try workspace.pare("lock", "recipe.yaml", "--store", "other")
        #expect(result.status == 1)
        #expect(
            result.errors == """
                error: stage 'load' of 'tiny' is not in the store: run it first with
                \(Tool.executable.path) run recipe.yaml --store other

                """)
        let files = try FileManager.default.contentsOfDirectory(atPath: workspace.folder.path)
        #expect(!files.contains { $0.contains(".lock.yaml") || $0 == "other" })
    }

    @Test(arguments: [
        (["run", "0.json", "--locked"], "leave out --locked"), (["check", "0.json", "--locked"], "leave out --locked"),
        (["lock", "0.json"], "name its recipe"),
    ])
    func `frozen work is held by its keys already`(command: [String], remedy: String) throws {
        let workspace = try Workspace()
        let result = try workspace.start(command).end()
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix("Error: frozen work has no lock file: \(remedy)\n"))
    }

    @Test(arguments: [
        ("acuracy=1 points", "--tolerance names 'acuracy', which no stage measures: measured is accuracy"),
        (
            "accuracy",
            "--tolerance is 'accuracy', expected METRIC=VALUE as in 'accuracy=2 points', loss=0.05 or 'loss=20 %'"
        ),
    ])
    func `a tolerance that cannot be meant is wrong usage`(tolerance: String, message: String) throws {
        let workspace = try locked()
        let result = try workspace.pare("lock", "recipe.yaml", "--tolerance", tolerance)
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix("Error: \(message)\n"))
    }
}
