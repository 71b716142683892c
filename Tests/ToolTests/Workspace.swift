import Documents
import Foundation

/// A folder with a tiny network, tiny data and a recipe, in which the program is run.
final class Workspace {
    let folder: URL

    /// The recipe that most tests run.
    static let recipe = """
        version: 1
        name: tiny
        seed: 3
        stages:
          - load: {network: tiny.yaml, data: data}
          - train: {MaxEpochs: 12, MiniBatchSize: 8, InitialLearnRate: 0.02}
          - prune:
              MaxToPrune: 1
              epochs: 1
              goal: {reduction: 30 %}
              retrain: {MaxEpochs: 3, MiniBatchSize: 8, InitialLearnRate: 0.02}
          - quantize: {type: int8}
          - evaluate:
              needs: [train, prune, quantize]
              metrics: [accuracy, confusion]
              require: {accuracy: ">= 60 %"}

        """

    init(recipe: String = recipe) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "pare-tool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "data"), withIntermediateDirectories: true)
        try write("recipe.yaml", recipe)
        try write(
            "tiny.yaml",
            """
            version: 1
            layers:
              - sequenceInput: {name: input, channels: 2, steps: 16, normalization: zscore}
              - convolution1d: {name: conv, filters: 6, filterSize: 3, padding: same}
              - relu: {name: relu}
              - globalAveragePooling: {name: pool}
              - dense: {name: fc, outputs: 2}
              - softmax: {name: softmax}

            """)
        try write(
            "data/dataset.yaml",
            """
            version: 1
            name: tiny
            task: classification
            labels: [still, moving]
            input: {kind: sequence, channels: [x, y], steps: 16}
            splits:
              train: {file: train.ts}
              test: {file: test.ts}

            """)
        try write("data/train.ts", Self.cases(40, seed: 1))
        try write("data/test.ts", Self.cases(20, seed: 2))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(_ path: String, _ text: String) throws {
        try text.write(to: folder.appending(path: path), atomically: false, encoding: .utf8)
    }

    /// Two channels of noise, the second one stronger where the label is `moving`.
    private static func cases(_ count: Int, seed: UInt64) -> String {
        var state = seed
        func noise() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24) - 0.5
        }
        var text = """
            @problemName Tiny
            @timeStamps false
            @missing false
            @univariate false
            @dimensions 2
            @equalLength true
            @seriesLength 16
            @classLabel true still moving
            @data

            """
        for index in 0..<count {
            let isMoving = index.isMultiple(of: 2)
            let channels = [0.5, isMoving ? 2 : 0.2].map { strength in
                (0..<16).map { _ in String(Double(Int(1000 * strength * noise())) / 1000) }.joined(separator: ",")
            }
            text += channels.joined(separator: ":") + (isMoving ? ":moving" : ":still") + "\n"
        }
        return text
    }
}

// MARK: - Running

extension Workspace {
    /// Starts `pare` in the folder.
    func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Tool.Command {
        try Tool.Command(Tool.executable, arguments, in: folder, environment: environment)
    }

    /// Runs `pare` in the folder to its end.
    func pare(_ arguments: String..., environment: [String: String] = [:]) throws -> Tool.Result {
        try start(arguments, environment: environment).end()
    }

    /// Runs a line of a shell in the folder, in which `$PARE` is the program.
    func shell(_ line: String) throws -> Tool.Result {
        try Tool.Command(
            URL(filePath: "/bin/sh"), ["-c", line], in: folder, environment: ["PARE": Tool.executable.path]
        ).end()
    }
}

// MARK: - What a run left

extension Workspace {
    func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: Data(contentsOf: folder.appending(path: path)))
    }

    /// Whether there is a file or folder.
    func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: folder.appending(path: path).path) }

    /// How each stage of a run ended, in order.
    func statuses(_ run: String) throws -> [String] {
        try json("\(run)/run.json")["stages"]?.elements?.compactMap { $0["status"]?.text } ?? []
    }

    /// Everything of a run that is to be the same whenever it is repeated.
    func results(_ run: String) throws -> [String: Data] {
        var results: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: run).path) {
            if name == "network.safetensors" {
                results[name] = try Data(contentsOf: folder.appending(path: "\(run)/\(name)"))
            } else if name.first?.isNumber == true {
                var artifact = try json("\(run)/\(name)")
                artifact["execution"] = nil
                results[name] = Data(artifact.canonicalText.utf8)
            }
        }
        return results
    }
}
