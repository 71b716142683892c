import Documents
import Foundation
import Testing

@Suite struct BatchTests {
    private func other(_ name: String) -> String { Workspace.recipe.replacing("name: tiny", with: "name: \(name)") }

    private func text(_ workspace: Workspace, _ path: String) throws -> String {
        try String(contentsOf: workspace.folder.appending(path: path), encoding: .utf8)
    }

    /// The suites of a JUnit file as another reader of XML sees them, counts compared with cases.
    private func suites(_ path: String, in workspace: Workspace) throws -> JSONValue {
        try workspace.write(
            "junit.py",
            """
            import json, sys, xml.etree.ElementTree as tree
            root = tree.parse(sys.argv[1]).getroot()
            assert root.tag == "testsuites"
            def kind(case):
                tags = [child.tag for child in case if child.tag != "system-out"]
                assert len(tags) <= 1 and set(case.keys()) == {"classname", "name", "time"}, case.attrib
                return tags[0] if tags else "passed"
            def check(element, kinds):
                found = {"tests": len(kinds), "failures": kinds.count("failure"), "errors": kinds.count("error"),
                         "skipped": kinds.count("skipped")}
                for name, count in found.items():
                    if element is root and name == "skipped":
                        assert name not in element.attrib  # the schema of Jenkins has it for suites alone
                    else:
                        assert int(element.get(name)) == count, (name, count, element.attrib)
                assert float(element.get("time")) >= 0
            suites, all = {}, []
            for suite in root:
                assert suite.tag == "testsuite" and suite[0].tag == "properties"
                cases = {case.get("name"): kind(case) for case in suite.findall("testcase")}
                check(suite, list(cases.values()))
                all += cases.values()
                suites[suite.get("name")] = cases
            check(root, all)
            print(json.dumps(suites))
            """)
        let result = try workspace.shell("python3 junit.py '\(path)'")
        #expect(result.errors == "")
        return try JSONValue(parsing: result.output)
    }

    @Test(arguments: ["run", "check", "plan"])
    func `patterns that the shell left are expanded, and lock files beside recipes are no recipes`(
        command: String
    ) throws {
        let workspace = try Workspace()
        try workspace.write("recipe-b.yaml", other("b"))
        try workspace.write("recipe-a.yaml", other("a"))
        try workspace.write("recipe-a.lock.yaml", "version: 1\n")
        let options = command == "check" ? [] : ["--until", "load"]
        let result = try workspace.start([command, "./recipe-a.yaml", "recipe*.yaml", "recipe.yaml"] + options).end()
        #expect(result.status == 0, "\(result.errors)")
        let names = ["recipe-a.yaml", "recipe-b.yaml", "recipe.yaml"].compactMap {
            result.output.range(of: $0)?.lowerBound
        }
        if command == "check" { #expect(names.count == 3 && names == names.sorted()) }
        if command == "plan" { #expect(result.output.contains("of 15 stages would run")) }
        if command == "run" { #expect(result.output.contains("\n15 stages in ")) }
    }

    @Test(arguments: ["run", "check", "plan"])
    func `a pattern that matches nothing and a lock file alone are faults`(command: String) throws {
        let workspace = try Workspace()
        try workspace.write("old.lock.yaml", "version: 1\n")
        let result = try workspace.pare(command, "pipelines/*.yaml", "old.lock.yaml")
        #expect(result.status == 2)
        #expect(
            result.errors == """
                error: no file matches 'pipelines/*.yaml' [file-missing]
                  = help: name recipes, or a pattern that matches some, such as 'pipelines/*.yaml'
                error: 'old.lock.yaml' is a lock file, expected a recipe [file-missing]
                  = help: name the recipe beside it, 'old.yaml'
                2 errors

                """)
    }

    @Test func `a file with the characters of a pattern is meant as it is`() throws {
        let workspace = try Workspace()
        try workspace.write("a[1]*.yaml", Workspace.recipe)
        #expect(try workspace.pare("check", "a[1]*.yaml").output == "a[1]*.yaml: 5 stages, no mistakes\n")
    }

    @Test func `a batch leaves its reports, and its status is the worst one`() throws {
        let workspace = try Workspace()
        try workspace.write("gated.yaml", other("gated").replacing(">= 60 %", with: "== 0 %"))
        try workspace.write(
            "broken.yaml",
            other("broken").replacing("InitialLearnRate: 0.02}\n  - prune", with: "InitialLearnRate: 1e38}\n  - prune"))
        let result = try workspace.pare(
            "run", "recipe.yaml", "gated.yaml", "broken.yaml", "--keep-going", "--output", "out",
            "--junit", "reports.xml", "--markdown", "new/folder/page.md")
        #expect(result.status == 1, "\(result.errors)")
        let suites = try suites("reports.xml", in: workspace)
        #expect(suites["tiny"]?.members?.values.allSatisfy { $0 == "passed" } == true)
        #expect(suites["gated"]?["evaluate: accuracy == 0 %"] == "failure" && suites["gated"]?["evaluate"] == "passed")
        #expect(
            suites["broken"] == [
                "load": "passed", "train": "error", "prune": "skipped", "quantize": "skipped", "evaluate": "skipped",
                "evaluate: accuracy >= 60 %": "skipped",
            ])
        let page = try text(workspace, "new/folder/page.md")
        #expect(page.hasPrefix("## pare: failed\n"))
        #expect(page.contains("\n| gated | a requirement or a goal was not met | 56 → "))
        #expect(page.contains("| **not met** |\n"))
        #expect(page.contains("\n- **broken**: stage `train` failed: "))
        let last = try #require(result.errors.split(separator: "\n").last)
        #expect(page.hasSuffix("with\n\n```sh\n\(last)\n```\n"))
        let files = try FileManager.default.contentsOfDirectory(atPath: workspace.folder.path)
        #expect(!files.contains { $0.hasSuffix(".partial") })
    }

    @Test func `an invalid recipe is in the reports, too`() throws {
        let workspace = try Workspace()
        try workspace.write("bad.yaml", "version: 1\nname: bad\nstages: [{load: {netork: x}}]\n")
        let result = try workspace.pare(
            "run", "recipe.yaml", "bad.yaml", "none*.yaml", "--junit", "junit.xml", "--markdown", "page.md")
        #expect(result.status == 2)
        #expect(
            try suites("junit.xml", in: workspace) == [
                "recipe.yaml": ["recipe": "skipped"], "bad.yaml": ["recipe": "error"],
                "none*.yaml": ["recipe": "error"],
            ])
        #expect(try text(workspace, "junit.xml").contains("unknown option 'netork' of 'load'"))
        #expect(try text(workspace, "page.md").contains("\nbad.yaml:3:18: error: unknown option 'netork' of 'load'"))
    }

    @Test func `a run that was interrupted, and one that could not start, leave their reports`() throws {
        let workspace = try Workspace()
        let command = try workspace.start(
            ["run", "recipe.yaml", "--set", "train.MaxEpochs=60000", "--json", "--junit", "junit.xml"])
        #expect(command.waits(for: "\"what\""))
        command.send(SIGTERM)
        #expect(try command.end().status == 143)
        let stopped = try suites("junit.xml", in: workspace)["tiny"]
        #expect(stopped?["load"] == "passed" && stopped?["train"] == "error" && stopped?["prune"] == "skipped")

        try workspace.write("file", "")
        let failed = try workspace.pare("run", "recipe.yaml", "--store", "file", "--junit", "junit.xml")
        #expect(failed.status == 1)
        #expect(try suites("junit.xml", in: workspace) == ["tiny": ["recipe": "error"]])
        #expect(try text(workspace, "junit.xml").contains("the run could not be started: the log says why"))
    }

    @Test(arguments: [
        (
            ["--junit", "file/junit.xml"],
            "error: the report 'file/junit.xml' cannot be written: not a directory: name another file with --junit\n"
        ),
        (
            ["--markdown", "data"],
            "error: the report 'data' cannot be written: it is no file: name another file with --markdown\n"
        ),
        (
            ["--markdown", "."],
            "error: the report '.' cannot be written: it is no file: name another file with --markdown\n"
        ),
        (
            ["--junit", "new/"],
            "error: the report 'new/' cannot be written: it is no file: name another file with --junit\n"
        ),
        (
            ["--junit", "tiny.yaml"],
            "error: the report 'tiny.yaml' cannot be written: the file that is there is no such report: "
                + "name another file with --junit\n"
        ),
        (
            ["--markdown", "data/train.ts", "--junit", "new.xml"],
            "error: the report 'data/train.ts' cannot be written: the file that is there is no such report: "
                + "name another file with --markdown\n"
        ),
        (
            ["--markdown", "pipe"],
            "error: the report 'pipe' cannot be written: it is no file: name another file with --markdown\n"
        ),
        (
            ["--junit", "linked"],
            "error: the report 'linked' cannot be written: it is no file: name another file with --junit\n"
        ),
    ])
    func `a report that cannot be written stops the run before it starts`(options: [String], message: String) throws {
        let workspace = try Workspace()
        try workspace.write("file", "")
        #expect(try workspace.shell("mkfifo pipe && ln -s /dev/null linked").status == 0)
        let result = try workspace.start(["run", "recipe.yaml"] + options).end()
        #expect(result.status == 1)
        #expect(result.errors == message)
        #expect(try workspace.shell("test -p pipe && test -c /dev/null && test -h linked").status == 0)
        #expect(result.output == "")
        #expect(!FileManager.default.fileExists(atPath: workspace.folder.appending(path: ".pare").path))
        let files = try FileManager.default.contentsOfDirectory(atPath: workspace.folder.path)
        #expect(!files.contains { $0.hasSuffix(".partial") || $0 == "new.xml" })
    }

    @Test(arguments: ["--junit", "--markdown"])
    func `a recipe in the place of a report's name is not replaced`(option: String) throws {
        let workspace = try Workspace()
        try workspace.write("other.yaml", other("other"))
        let result = try workspace.pare("run", option, "other.yaml", "recipe.yaml")
        #expect(result.status == 1)
        #expect(
            result.errors == "error: the report 'other.yaml' cannot be written: the file that is there is no such "
                + "report: name another file with \(option)\n")
        #expect(try text(workspace, "other.yaml") == other("other"))
    }

    @Test func `reports of an earlier run stay if the command is wrong, and are replaced by those of the next`() throws
    {
        let workspace = try Workspace()
        let reports = ["--until", "load", "--junit", "junit.xml", "--markdown", "page.md"]
        #expect(try workspace.start(["run", "recipe.yaml"] + reports).end().status == 0)
        let earlier = try (text(workspace, "junit.xml"), text(workspace, "page.md"))
        let wrong = try workspace.start(["run", "recipe.yaml"] + reports + ["--until", "nosuch"]).end()
        #expect(wrong.status == 64)
        #expect(try (text(workspace, "junit.xml"), text(workspace, "page.md")) == earlier)
        let later = ["--until", "train"] + reports.dropFirst(2)
        #expect(try workspace.start(["run", "recipe.yaml"] + later).end().status == 0)
        #expect(try suites("junit.xml", in: workspace)["tiny"]?["train"] == "passed")
        #expect(try text(workspace, "page.md") != earlier.1)
    }

    @Test(arguments: [
        (["--junit", ""], "--junit is empty, expected a file"),
        (
            ["--junit", "data/a", "--markdown", "./data/../data/a"],
            "--junit and --markdown name the same file, expected two"
        ),
        (["--junit", "a", "--markdown", "a"], "--junit and --markdown name the same file, expected two"),
    ])
    func `reports need a file each`(options: [String], message: String) throws {
        let workspace = try Workspace()
        let result = try workspace.start(["run", "recipe.yaml"] + options).end()
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix("Error: \(message)\n"))
    }
}
