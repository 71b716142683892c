import Diagnostics
import Documents
import Foundation
import LockFiles
import Planning
import TestSupport
import Testing

@Suite struct LockTests {
    private static let digests = ["a", "b", "c", "d"].map { Digest(of: Data($0.utf8)).hex }

    /// A recipe that reads a network and a folder of data.
    private func recipe(
        name: String = "road", network: Int = 0, test: String? = "test.ts", maxToPrune: Int = 2, seed: Int = 7,
        extra: StageSpecification? = nil
    ) -> RecipeStages {
        var files: [String: JSONValue] = ["dataset.yaml": .string(Self.digests[1])]
        if let test { files[test] = .string(Self.digests[2]) }
        let load = StageSpecification(
            id: "load", kind: "load", options: ["network": "./networks/a.safetensors", "data": "../data/"],
            keyOptions: ["network": .string(Self.digests[network]), "data": .object(files)])
        let prune = StageSpecification(
            id: "prune", kind: "prune", options: ["MaxToPrune": .integer(maxToPrune), "solver": "adam"],
            needs: ["load"], reads: [StageRead(role: "network", id: "load")], seed: seed)
        let evaluate = StageSpecification(
            id: "evaluate", kind: "evaluate", needs: ["prune"], reads: [StageRead(role: "network", id: "prune")],
            isTransparent: true)
        return RecipeStages(name: name, seed: seed, stages: [load, prune, evaluate] + (extra.map { [$0] } ?? []))
    }

    private func basis(_ recipe: RecipeStages, file: String = "recipe", version: String = "0.1.0") -> LockBasis {
        LockBasis(recipe, file: "road.yaml", digest: Digest(of: Data(file.utf8)), version: version)
    }

    private let results = [
        StageResult(id: "prune", result: ["network": ["totalParameters": 984, "memoryBytes": 3936]]),
        StageResult(
            id: "evaluate",
            result: [
                "rows": [
                    [
                        "need": "prune",
                        "metrics": [
                            "loss": ["value": 0.1734], "accuracy": ["value": 0.93], "auc": ["value": nil],
                        ],
                    ]
                ]
            ]),
    ]

    private func lock(_ tolerances: [String] = []) -> Lock {
        Lock(
            basis(recipe()), results: results, instructionSet: "avx2",
            tolerances: tolerances.compactMap { Tolerance($0) })
    }

    @Test func `a lock is a file with a figure a line, which reads back as what it was`() throws {
        let keys = StageGraph([recipe()]).nodes.map(\.key.description)
        let text = LockFile.text(of: lock(["loss=0.05"]), command: "pare lock road.yaml --tolerance loss=0.05")
        #expect(
            text == """
                # Written by 'pare lock road.yaml --tolerance loss=0.05': 'pare run --locked' fails when something differs from this file.
                version: 1
                pare: 0.1.0
                recipe: road
                instructionSet: avx2
                inputs:
                  ../data/dataset.yaml: \(Self.digests[1])
                  ../data/test.ts: \(Self.digests[2])
                  networks/a.safetensors: \(Self.digests[0])
                  road.yaml: \(Digest(of: Data("recipe".utf8)).hex)
                stages:
                  load: \(keys[0])
                  prune: \(keys[1])
                  evaluate: \(keys[2])
                networks:
                  prune:
                    totalParameters: 984
                    memoryBytes: 3936
                measures:
                  evaluate:
                    prune:
                      accuracy: {expected: 0.93, tolerance: 0.01}
                      loss: {expected: 0.1734, tolerance: 0.05}

                """)
        let folder = try TemporaryFolder()
        let path = folder.path + "/road.lock.yaml"
        try Data(text.utf8).write(to: URL(filePath: path))
        var diagnostics = DiagnosticList()
        let read = try #require(LockFile.read(path, into: &diagnostics))
        #expect(diagnostics.isEmpty)
        #expect(LockFile.text(of: read, command: "x").split(separator: "\n").count == text.split(separator: "\n").count)
        #expect(read.differences(to: basis(recipe()), of: recipe()).isEmpty)
        #expect(read.differences(to: results).isEmpty)
        #expect(read.measures == lock(["loss=0.05"]).measures && read.networks == lock().networks)
    }

    @Test func `hostile paths are quoted so that they read back`() throws {
        var stage = StageSpecification(id: "load", kind: "load")
        let paths = [
            "a: b #c", "- x", "'\"", "{y}", "1e3", "null", "tab\tline\nbreak", "ünï 😀", "*",
            String(repeating: "p", count: 300),
        ]
        stage.options = .object(Dictionary(uniqueKeysWithValues: paths.indices.map { ("o\($0)", .string(paths[$0])) }))
        stage.keyOptions = .object(
            Dictionary(uniqueKeysWithValues: paths.indices.map { ("o\($0)", .string(Self.digests[0])) }))
        let recipe = RecipeStages(name: "r", seed: 0, stages: [stage])
        let lock = Lock(basis(recipe), results: [], instructionSet: "avx2")
        #expect(lock.basis.inputs.count == paths.count + 1)
        let folder = try TemporaryFolder()
        let path = folder.path + "/r.lock.yaml"
        try Data(LockFile.text(of: lock, command: "pare lock 'a\nb'").utf8).write(to: URL(filePath: path))
        var diagnostics = DiagnosticList()
        #expect(LockFile.read(path, into: &diagnostics) == lock)
        #expect(diagnostics.isEmpty)
    }

    @Test func `what differs before a run is told by file and by the first stage that differs`() {
        func differences(_ current: RecipeStages, file: String = "recipe", version: String = "0.1.0") -> [String] {
            lock().differences(to: basis(current, file: file, version: version), of: current)
        }
        #expect(differences(recipe()).isEmpty)
        #expect(differences(recipe(), version: "0.2.0") == ["pare is version 0.2.0, locked with 0.1.0"])
        #expect(differences(recipe(name: "path")) == ["the recipe is named 'path', locked as 'road'"])
        #expect(differences(recipe(), file: "new") == ["input 'road.yaml' changed"])
        #expect(differences(recipe(network: 3)) == ["input 'networks/a.safetensors' changed"])
        #expect(
            differences(recipe(test: "other.ts")) == [
                "input '../data/other.ts' was added", "input '../data/test.ts' is no longer read",
            ])
        #expect(differences(recipe(test: nil)) == ["input '../data/test.ts' is no longer read"])
        #expect(
            differences(recipe(maxToPrune: 3)) == ["stage 'prune' has other options, another seed or another version"])
        let earlier = StageGraph([recipe()]).nodes
        let changed = recipe(maxToPrune: 3)
        #expect(
            lock().differences(to: basis(changed), of: changed) { key in
                earlier.first { $0.key == key }?.ingredients
            } == ["stage 'prune': option MaxToPrune changed from 2 to 3"])
        #expect(
            differences(recipe(network: 3, seed: 8)) == ["input 'networks/a.safetensors' changed"])
        let quantize = StageSpecification(
            id: "quantize", kind: "quantize", needs: ["prune"], reads: [StageRead(role: "network", id: "prune")])
        #expect(differences(recipe(extra: quantize)) == ["stage 'quantize' was added"])
        var fewer = recipe()
        fewer.stages.removeLast()
        #expect(differences(fewer) == ["stage 'evaluate' is gone"])
    }

    @Test func `sizes are exact and measures within their tolerance`() {
        func differences(parameters: Int = 984, accuracy: JSONValue = 0.93, loss: JSONValue = 0.1734) -> [String] {
            lock().differences(to: [
                StageResult(
                    id: "prune", result: ["network": ["totalParameters": .integer(parameters), "memoryBytes": 3936]]),
                StageResult(
                    id: "evaluate",
                    result: [
                        "rows": [
                            ["need": "prune", "metrics": ["accuracy": ["value": accuracy], "loss": ["value": loss]]]
                        ]
                    ]),
            ])
        }
        #expect(differences().isEmpty)
        #expect(differences(accuracy: 0.92).isEmpty)
        #expect(differences(accuracy: 0.94, loss: 0.1904).isEmpty)
        #expect(differences(parameters: 983) == ["prune: totalParameters is 983, expected 984"])
        #expect(
            differences(accuracy: 0.919, loss: nil) == [
                "evaluate: accuracy of prune is 0.919, expected 0.93 within 0.01",
                "evaluate: loss of prune is not finite, expected 0.1734 within 0.017",
            ])
        #expect(lock().differences(to: [StageResult(id: "prune", result: [:])]).count == 2)
        var empty = lock()
        (empty.networks, empty.measures) = ([], [])
        #expect(
            empty.differences(to: results) == [
                "prune: totalParameters is 984, which is not locked",
                "evaluate: accuracy of prune is 0.93, which is not locked",
                "evaluate: loss of prune is 0.1734, which is not locked",
            ])
        // A stage that did not end is told by the run.
        #expect(lock().differences(to: []).isEmpty)
    }

    @Test func `a lock in place of another keeps its tolerances, but not the standard ones`() {
        func widths(_ tolerances: [String] = [], inPlaceOf earlier: Lock?, need: String = "prune") -> [Double] {
            let row: JSONValue = [
                "need": .string(need), "metrics": ["accuracy": ["value": 0.8], "loss": ["value": 0.5]],
            ]
            return Lock(
                basis(recipe()), results: [StageResult(id: "evaluate", result: ["rows": [row]])],
                instructionSet: "avx2", tolerances: tolerances.compactMap { Tolerance($0) }, inPlaceOf: earlier
            ).measures.map(\.tolerance)
        }
        #expect(widths(inPlaceOf: nil) == [0.01, 0.05])
        #expect(widths(inPlaceOf: lock()) == [0.01, 0.05])
        #expect(widths(inPlaceOf: lock(["accuracy=0", "loss=0.2"])) == [0, 0.2])
        #expect(widths(inPlaceOf: lock(["accuracy=0"]), need: "renamed") == [0, 0.05])
        #expect(widths(["accuracy=1 points"], inPlaceOf: lock(["accuracy=0", "loss=0.2"])) == [0.01, 0.2])
    }

    @Test(arguments: [
        ("accuracy=2 points", "accuracy", 0.02), ("loss=0.05", "loss", 0.05), ("loss=20 %", "loss", 0.035),
        ("accuracy=0", "accuracy", 0), ("accuracy=1 points", "accuracy", 0.01),
    ])
    func `a tolerance is a number, points or a share of what is expected`(text: String, metric: String, width: Double) {
        let measure = lock([text]).measures.first { $0.metric == metric }
        #expect(measure?.tolerance == width)
    }

    @Test(arguments: ["", "accuracy", "=1", "accuracy=", "accuracy=much", "accuracy=1 KiB", "accuracy=-1"])
    func `other texts are no tolerance`(text: String) { #expect(Tolerance(text) == nil) }

    @Test(arguments: [
        ("road.yaml", "road.lock.yaml"), ("a/b.c/road.yml", "a/b.c/road.lock.yaml"), ("a.b/road", "a.b/road.lock.yaml"),
        ("/x/y.v2.yaml", "/x/y.v2.lock.yaml"),
    ])
    func `a lock file stands beside its recipe`(recipe: String, lock: String) {
        #expect(LockFile.path(forRecipe: recipe) == lock)
    }
}
