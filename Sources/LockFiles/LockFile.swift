internal import Checkpoints
package import Diagnostics
package import Documents
internal import Foundation
internal import RecipeSyntax
internal import Recipes

/// The file of a lock, `NAME.lock.yaml` beside the recipe `NAME.yaml`.
///
/// Everything in it stands in an order of its own and one figure a line, so that a difference of two versions reads as
/// what changed.
package enum LockFile {
    /// The end of the name of every lock file.
    package static let suffix = ".lock.yaml"

    /// The lock file of a recipe's file.
    package static func path(forRecipe path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = name.lastIndex(of: ".").map { name.distance(from: $0, to: name.endIndex) } ?? 0
        return String(path.dropLast(stem)) + suffix
    }

    /// The form of the file.
    static let schema = ObjectSchema([
        OptionSchema("version", .integer(1...Lock.format), .required, "format of this file"),
        OptionSchema("pare", .text, .required, "version of the program that the results are of"),
        OptionSchema("recipe", .identifier, .required, "name of the recipe"),
        OptionSchema("instructionSet", .text, .required, "where the results were computed; not compared"),
        OptionSchema("inputs", .map(of: .text), .required, "SHA-256 of each file that is read, from here"),
        OptionSchema("stages", .map(of: .text), .required, "key of each stage"),
        OptionSchema(
            "networks",
            .map(
                of: .object(
                    ObjectSchema([
                        OptionSchema("totalParameters", .integer(0...Int.max), .required, "learnables and states"),
                        OptionSchema("memoryBytes", .integer(0...Int.max), .required, "bytes of the network"),
                    ]))), .required, "sizes of the networks that stages make; exact"),
        OptionSchema(
            "measures",
            .map(
                of: .map(
                    of: .map(
                        of: .object(
                            ObjectSchema([
                                OptionSchema("expected", .number(.any), .required, "what was measured"),
                                OptionSchema("tolerance", .number(.notNegative), .required, "how far a run may be off"),
                            ]))))), .required, "what evaluate stages measure: of which network, and which metric"),
    ])
}

extension LockFile {
    /// The JSON Schema of the file.
    package static var jsonSchema: JSONValue { schema.jsonSchema(title: "Pare lock file") }
}

// MARK: - Reading

extension LockFile {
    /// Reads a lock file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - diagnostics: Takes its faults, with their places.
    /// - Returns: `nil` if there was a fault, or if there is no such file: then nothing was reported.
    package static func read(_ path: String, into diagnostics: inout DiagnosticList) -> Lock? {
        let data: Data?
        do {
            data = try DiskFileSystem().read(path)
        } catch {
            diagnostics.append(
                Diagnostic(
                    .fileMissing, "cannot read the lock file: \(error)", at: nil, help: ["make the file readable"]))
            return nil
        }
        guard let data else { return nil }
        let file = SourceFile(name: path, bytes: data)
        var ignored = DiagnosticList()
        if let version = NodeReader.read(file, into: &ignored)?["version"], let number = version.json.whole,
            number > Lock.format
        {
            // What else a later format has is not for this program to judge.
            diagnostics.append(.newerLock(number, at: version.span))
            return nil
        }
        return schema.read(file, name: "lock file", into: &diagnostics).map { Lock($0.value) }
    }
}

extension Diagnostic {
    fileprivate static func newerLock(_ version: Int, at span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .outOfRange, "the lock file has version \(version); this pare reads version \(Lock.format)", at: span,
            help: ["use a newer pare"])
    }
}

extension Lock {
    /// The lock of a checked file.
    fileprivate init(_ value: JSONValue) {
        func sorted(_ value: JSONValue?) -> [(key: String, value: JSONValue)] {
            (value?.members ?? [:]).sorted { $0.key < $1.key }
        }
        basis = LockBasis(
            version: value["pare"]?.text ?? "", recipe: value["recipe"]?.text ?? "",
            inputs: (value["inputs"]?.members ?? [:]).mapValues { $0.text ?? "" },
            stages: sorted(value["stages"]).map { LockBasis.Stage(id: $0.key, key: $0.value.text ?? "") })
        instructionSet = value["instructionSet"]?.text ?? ""
        networks = sorted(value["networks"]).map { stage, sizes in
            Network(
                stage: stage, totalParameters: sizes["totalParameters"]?.whole ?? 0,
                memoryBytes: sizes["memoryBytes"]?.whole ?? 0)
        }
        measures = sorted(value["measures"]).flatMap { stage, needs in
            sorted(needs).flatMap { need, metrics in
                sorted(metrics).map { metric, figure in
                    Measure(
                        stage: stage, need: need, metric: metric, expected: figure["expected"]?.double ?? .nan,
                        tolerance: figure["tolerance"]?.double ?? 0)
                }
            }
        }
    }
}

// MARK: - Writing

extension LockFile {
    /// The text of a lock.
    ///
    /// - Parameter command: What writes it anew; it stands in the first line.
    package static func text(of lock: Lock, command: String) -> String {
        let place = SourceSpan(startOf: SourceFile(name: "", text: ""))
        func map(_ pairs: [(String, Node)]) -> Node {
            Node(.mapping(pairs.map { Node.Pair(key: $0, keySpan: place, value: $1) }), at: place)
        }
        func node(_ value: JSONValue) -> Node { Node(value, at: place) }
        func grouped<Item>(_ items: [Item], by name: (Item) -> String, _ body: ([Item]) -> Node) -> Node {
            let names = items.reduce(into: [String]()) { if !$0.contains(name($1)) { $0.append(name($1)) } }
            return map(names.map { name0 in (name0, body(items.filter { name($0) == name0 })) })
        }
        let basis = lock.basis
        let document = map([
            ("version", node(.integer(Lock.format))), ("pare", node(.string(basis.version))),
            ("recipe", node(.string(basis.recipe))), ("instructionSet", node(.string(lock.instructionSet))),
            ("inputs", map(basis.inputs.sorted { $0.key < $1.key }.map { ($0, node(.string($1))) })),
            ("stages", map(basis.stages.map { ($0.id, node(.string($0.key))) })),
            (
                "networks",
                map(
                    lock.networks.map { network in
                        let sizes = [
                            ("totalParameters", node(.integer(network.totalParameters))),
                            ("memoryBytes", node(.integer(network.memoryBytes))),
                        ]
                        return (network.stage, map(sizes))
                    })
            ),
            (
                "measures",
                grouped(lock.measures, by: \.stage) { measures in
                    grouped(measures, by: \.need) { measures in
                        map(
                            measures.map { measure in
                                let figures = [
                                    ("expected", node(.number(measure.expected))),
                                    ("tolerance", node(.number(measure.tolerance))),
                                ]
                                return (measure.metric, map(figures))
                            })
                    }
                }
            ),
        ])
        return """
            # Written by '\(command.split(whereSeparator: \.isNewline).joined(separator: " "))': 'pare run --locked' fails when something differs from this file.
            \(document.documentText)
            """
    }
}
