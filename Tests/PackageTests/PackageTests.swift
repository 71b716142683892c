import Documents
import Foundation
import TestSupport
import Testing

@Suite struct PackageTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The table of modules: name to allowed imports.
    static func documentedImports() throws -> [String: Set<String>] {
        let text = try String(contentsOf: root.appending(path: "CONTRIBUTING.md"), encoding: .utf8)
        var imports: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| ") && !line.hasPrefix("| module") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            let names = cells[3].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            for module in cells[1].split(separator: ",") {
                imports[module.trimmingCharacters(in: .whitespaces)] = Set(names)
            }
        }
        return imports
    }

    @Test func `the manifest has the modules and the imports that CONTRIBUTING.md lists`() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", Self.root.path, "--scratch-path",
            FileManager.default.temporaryDirectory.appending(path: "pare-dump-package").path, "dump-package",
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try #require(try pipe.fileHandleForReading.readToEnd())
        process.waitUntilExit()
        let manifest = try JSONValue(parsing: output)

        var documented = try Self.documentedImports()
        let all = Set(documented.keys).subtracting([
            "Stages", "Reports", "Commands", "LockFiles", "Sweeps", "pare", "step", "overhead",
        ])
        documented["Stages"] = all.filter { !$0.hasPrefix("C") || $0 == "Checkpoints" || $0 == "Compression" }
        var found: [String: Set<String>] = [:]
        for target in manifest["targets"]?.elements ?? [] where target["type"] != "test" {
            let name = try #require(target["name"]?.text)
            guard !["TestSupport", "AllocationCounter"].contains(name) else { continue }
            let names = (target["dependencies"]?.elements ?? []).compactMap { $0["byName"]?.elements?.first?.text }
            found[name] = Set(names)
        }
        #expect(found == documented)
    }

    @Test func `the two halves meet in Stages alone`() throws {
        let imports = try Self.documentedImports()
        func closure(_ name: String) -> Set<String> {
            (imports[name] ?? []).reduce(into: [name]) { $0.formUnion(closure($1)) }
        }
        let model = closure("Compression")
        let workflow = closure("Execution").union(closure("Sweeps")).union(closure("LockFiles"))
        #expect(model.isDisjoint(with: workflow))
    }
}
