import Diagnostics
import Documents
import Foundation
import RecipeSyntax
import Testing

/// What the repository ships: recipes, network, data, schemas; run as a user would.
@Suite(.serialized) struct ShippedFilesTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A YAML file of the repository as JSON.
    static func json(_ path: String) throws -> JSONValue {
        let data = try Data(contentsOf: root.appending(path: path))
        var diagnostics = DiagnosticList()
        let node = NodeReader.read(SourceFile(name: path, bytes: [UInt8](data)), into: &diagnostics)
        #expect(!diagnostics.hasErrors)
        return try #require(node).json
    }

    /// Runs a shipped recipe in a workspace of its own.
    static func run(_ recipe: String, in workspace: Workspace, _ options: String...) throws -> Tool.Result {
        try workspace.start(["run", root.appending(path: recipe).path] + options).end()
    }

    /// The faults that the schemas of the repository find in documents.
    static func faults(_ pairs: [(schema: String, document: URL)]) throws -> String {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "validate.py").path
        let system = URL(filePath: "/usr/bin/python3")
        let isSystem = FileManager.default.isExecutableFile(atPath: system.path)
        let arguments = pairs.flatMap { [root.appending(path: "schemas/\($0.schema)").path, $0.document.path] }
        let result = try Tool.Command(
            isSystem ? system : URL(filePath: "/usr/bin/env"), (isSystem ? [] : ["python3"]) + [script] + arguments,
            in: FileManager.default.temporaryDirectory
        ).end()
        return result.output + result.errors
    }

    @Test func `the main job meets its goal, and every artifact conforms to its schema`() throws {
        let workspace = try Workspace()
        let result = try Self.run("pipelines/road-damage.yaml", in: workspace, "--output", "run")
        #expect(result.status == 0, "\(result.output)\(result.errors)")

        let artifacts = ["01-load", "02-prune", "03-project", "04-quantize", "05-evaluate"]
        let folder = workspace.folder.appending(path: "run")
        var pairs = artifacts.map { (schema: "artifact.schema.json", document: folder.appending(path: "\($0).json")) }
        pairs.append(("run.schema.json", folder.appending(path: "run.json")))
        #expect(try Self.faults(pairs) == "")

        // The figures of the worked example: 1,586 parameters, goals 984 and 383; then at most 512 bytes.
        #expect(try workspace.json("run/01-load.json").value(at: "result.network.totalParameters") == 1586)
        #expect(try workspace.json("run/02-prune.json").value(at: "result.goal.requested") == 984)
        #expect(try workspace.json("run/03-project.json").value(at: "result.goal.requested") == 383)
        let rows = try #require(try workspace.json("run/05-evaluate.json").value(at: "result.rows")?.elements)
        #expect(rows.count == 4)
        #expect(try #require(rows[2].value(at: "network.totalParameters")?.whole) <= 383)
        #expect(try #require(rows[3].value(at: "network.memoryBytes")?.whole) <= 512)
        let correct = rows.compactMap { $0.value(at: "metrics.accuracy.correct")?.whole }
        #expect(correct.count == 4 && correct[0] >= 156 && correct[3] >= correct[0] - 1)
    }

    @Test func `the shipped network is what its recipe makes, byte for byte on one instruction set`() throws {
        let workspace = try Workspace()
        let result = try Self.run("pipelines/train-road-damage.yaml", in: workspace, "--output", "run")
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        let folder = workspace.folder.appending(path: "run")
        var pairs = ["01-load", "02-train", "03-evaluate"].map {
            (schema: "artifact.schema.json", document: folder.appending(path: "\($0).json"))
        }
        pairs.append(("run.schema.json", folder.appending(path: "run.json")))
        #expect(try Self.faults(pairs) == "")

        // pipelines/networks/README.md says on which instruction set the shipped file was made.
        let readme = try String(contentsOf: Self.root.appending(path: "pipelines/networks/README.md"), encoding: .utf8)
        let instructionSet = try #require(
            try workspace.json("run/02-train.json").value(at: "execution.instructionSet")?.text)
        guard readme.contains("`\(instructionSet)`") else { return }
        #expect(
            try Data(contentsOf: folder.appending(path: "network.safetensors"))
                == Data(contentsOf: Self.root.appending(path: "pipelines/networks/road-damage.safetensors")))
    }

    /// The repository's recipes and data in a workspace, with the data that are drawn.
    static func drawData(in workspace: Workspace) throws {
        let manager = FileManager.default
        let datasets = workspace.folder.appending(path: "datasets")
        try manager.createDirectory(at: datasets, withIntermediateDirectories: true)
        try manager.copyItem(
            at: root.appending(path: "pipelines"), to: workspace.folder.appending(path: "pipelines"))
        for name in try manager.contentsOfDirectory(atPath: root.appending(path: "datasets").path) {
            let (shipped, folder) = (root.appending(path: "datasets/\(name)"), datasets.appending(path: name))
            guard manager.fileExists(atPath: shipped.appending(path: "make").path) else {
                try manager.createSymbolicLink(at: folder, withDestinationURL: shipped)
                continue
            }
            try manager.createDirectory(at: folder, withIntermediateDirectories: true)
            for file in ["make", "dataset.yaml"] {
                try manager.copyItem(at: shipped.appending(path: file), to: folder.appending(path: file))
            }
            let made = try Tool.Command(folder.appending(path: "make"), [], in: folder).end()
            #expect(made.status == 0, "\(made.output)\(made.errors)")
        }
    }

    /// What `pipelines/networks/README.md` says of each network.
    @Test func `every recipe has no mistakes, and the shipped networks are as right as is said of them`() throws {
        let workspace = try Workspace()
        try Self.drawData(in: workspace)
        let recipes = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appending(path: "pipelines").path
        ).filter { $0.hasSuffix(".yaml") }.sorted()
        #expect(recipes.count >= 8)
        let check = try workspace.start(["check"] + recipes.map { "pipelines/\($0)" }).end()
        #expect(check.status == 0, "\(check.output)\(check.errors)")

        for (name, data, correct, count) in [
            ("japanese-vowels", "japanese-vowels", 360, 370), ("digits", "mnist-t10k", 1957, 2000),
            ("keywords", "keywords-standin", 311, 360), ("residual", "cifar10-standin", 427, 500),
        ] {
            try workspace.write(
                "\(name).yaml",
                """
                version: 1
                name: \(name)
                seed: 1
                stages:
                  - load: {network: pipelines/networks/\(name).safetensors, data: datasets/\(data)}
                  - evaluate: {metrics: [accuracy]}
                """)
            let result = try workspace.pare("run", "\(name).yaml", "--output", name)
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            let rows = try workspace.json("\(name)/02-evaluate.json").value(at: "result.rows")?.elements
            let accuracy = rows?.first?.value(at: "metrics.accuracy")
            // On another instruction set the sums round otherwise: a case may be on the edge.
            let right = try #require(accuracy?["correct"]?.whole)
            #expect(abs(right - correct) <= 1, "\(name): \(right)")
            #expect(accuracy?["count"]?.whole == count)
        }
    }

    @Test func `an LSTM is trained to the same bytes as the one that is shipped`() throws {
        let workspace = try Workspace()
        let result = try Self.run("pipelines/train-japanese-vowels.yaml", in: workspace, "--output", "run")
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        let readme = try String(contentsOf: Self.root.appending(path: "pipelines/networks/README.md"), encoding: .utf8)
        let instructionSet = try #require(
            try workspace.json("run/02-train.json").value(at: "execution.instructionSet")?.text)
        guard readme.contains("`\(instructionSet)`") else { return }
        #expect(
            try Data(contentsOf: workspace.folder.appending(path: "run/network.safetensors"))
                == Data(contentsOf: Self.root.appending(path: "pipelines/networks/japanese-vowels.safetensors")))
    }

    @Test(arguments: [(1.0, Int32(3), false), (0.5, 0, true)])
    func `a projection that was asked for a reduction says what it reached`(
        goal: Double, status: Int32, isMet: Bool
    ) throws {
        let workspace = try Workspace()
        let root = Self.root.path
        try workspace.write(
            "reduction.yaml",
            """
            version: 1
            name: reduction
            seed: 1
            stages:
              - load:
                  network: \(root)/pipelines/networks/road-damage.safetensors
                  data: \(root)/datasets/road-surface-quality
                  channels: [z]
              - project: {LearnablesReductionGoal: \(goal)}
            """)
        #expect(try workspace.pare("run", "reduction.yaml", "--output", "run").status == status)
        let result = try #require(try workspace.json("run/02-project.json")["result"])
        #expect(result.value(at: "goal.requested")?.double == goal)
        #expect(result.value(at: "goal.met")?.flag == isMet)
        let reached = try #require(result.value(at: "goal.reached")?.double)
        #expect(reached == result["learnablesReduction"]?.double && reached < 1 && (reached >= goal) == isMet)
        let artifact = workspace.folder.appending(path: "run/02-project.json")
        #expect(try Self.faults([("artifact.schema.json", artifact)]) == "")
    }

    @Test func `the main job gives the same bytes at any number of threads and jobs`() throws {
        let workspace = try Workspace()
        var outcomes: [[String: Data]] = []
        for (name, options) in [("a", ["--threads", "1", "--jobs", "1"]), ("b", ["--threads", "2", "--jobs", "2"])] {
            let recipe = Self.root.appending(path: "pipelines/road-damage.yaml").path
            let arguments = ["run", recipe, "--store", "store-\(name)", "--output", name] + options
            #expect(try workspace.start(arguments).end().status == 0)
            outcomes.append(try workspace.results(name))
        }
        #expect(outcomes[0].count == 7)
        #expect(outcomes[0] == outcomes[1])
    }

    @Test func `the main job ends in the same bytes after SIGKILL at any moment`() throws {
        let workspace = try Workspace()
        let recipe = Self.root.appending(path: "pipelines/road-damage.yaml").path
        #expect(try workspace.start(["run", recipe, "--store", "quiet", "--output", "quiet-run"]).end().status == 0)
        let quiet = try workspace.results("quiet-run")
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        print("seed of the moments: \(seed)")
        var state = seed
        let command = ["run", recipe, "--store", "killed", "--output", "killed-run", "--checkpoint-interval", "0"]
        for _ in 0..<6 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let running = try workspace.start(command)
            Thread.sleep(forTimeInterval: Double(state >> 40) / Double(1 << 24) * 1.5)
            running.send(SIGKILL)
            _ = try running.end()
        }
        #expect(try workspace.start(command).end().status == 0)
        #expect(try workspace.results("killed-run") == quiet)
    }

    @Test func `every shipped YAML file conforms to its schema`() throws {
        let workspace = try Workspace()
        let manager = FileManager.default
        var files: [(schema: String, path: String)] = []
        for name in try manager.contentsOfDirectory(atPath: Self.root.appending(path: "pipelines").path).sorted()
        where name.hasSuffix(".yaml") {
            files.append(("recipe.schema.json", "pipelines/\(name)"))
        }
        for name in try manager.contentsOfDirectory(atPath: Self.root.appending(path: "pipelines/networks").path)
        where name.hasSuffix(".yaml") {
            files.append(("architecture.schema.json", "pipelines/networks/\(name)"))
        }
        for name in try manager.contentsOfDirectory(atPath: Self.root.appending(path: "datasets").path) {
            files.append(("dataset.schema.json", "datasets/\(name)/dataset.yaml"))
        }
        #expect(files.count >= 4)
        var pairs: [(schema: String, document: URL)] = []
        for (index, file) in files.enumerated() {
            try workspace.write("\(index).json", Self.json(file.path).prettyText)
            pairs.append((file.schema, workspace.folder.appending(path: "\(index).json")))
        }
        #expect(try Self.faults(pairs) == "")

        // The validator is not one that accepts anything.
        try workspace.write("wrong.json", #"{"version": 2, "name": "x", "stages": [{"prun": {}}]}"#)
        let wrong = workspace.folder.appending(path: "wrong.json")
        #expect(try Self.faults([("recipe.schema.json", wrong)]).contains("wrong.json"))
    }

    @Test func `schemas and options in the repository are those that the program writes`() throws {
        let workspace = try Workspace()
        #expect(try workspace.pare("schema", "--write", "schemas").status == 0)
        for name in ["recipe", "dataset", "architecture", "lock"] {
            let path = "schemas/\(name).schema.json"
            #expect(
                try Data(contentsOf: workspace.folder.appending(path: path))
                    == Data(contentsOf: Self.root.appending(path: path)), "run 'make schemas'")
        }
        let page = try String(contentsOf: Self.root.appending(path: "docs/options.md"), encoding: .utf8)
        #expect(try workspace.pare("schema", "--options").output == page, "run 'make schemas'")
        let layers = try String(contentsOf: Self.root.appending(path: "docs/layers.md"), encoding: .utf8)
        #expect(try workspace.pare("schema", "--layers").output == layers, "run 'make schemas'")
    }
}
