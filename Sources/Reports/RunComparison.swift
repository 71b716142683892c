package import Documents
package import Execution
internal import Planning

/// Two runs beside each other: which stages they have in common, and what differs in options, sizes and measures.
///
/// A stage is matched with the one of its id and kind; what is left, with the next one of its kind.
package struct RunComparison: Sendable {
    /// A value of either run.
    struct Pair: Sendable {
        /// What it is of, such as an option's path, a metric or a layer.
        let name: String
        let first: JSONValue?
        let second: JSONValue?
    }

    /// A stage that both runs have.
    struct Match: Sendable {
        let first: RunRecord.Stage
        let second: RunRecord.Stage

        /// The id; both if they differ.
        var name: String { first.id == second.id ? first.id : "\(first.id), \(second.id)" }
    }

    let first: RunRecord
    let second: RunRecord
    let matches: [Match]
    let onlyInFirst: [RunRecord.Stage]
    let onlyInSecond: [RunRecord.Stage]

    /// - Parameters:
    ///   - first: The run that the other is compared with.
    ///   - second: The other.
    package init(_ first: RunRecord, _ second: RunRecord) {
        self.first = first
        self.second = second
        var open = second.stages
        func take(_ isMatch: (RunRecord.Stage) -> Bool) -> RunRecord.Stage? {
            open.firstIndex(where: isMatch).map { open.remove(at: $0) }
        }
        var partners = first.stages.map { stage in take { $0.id == stage.id && $0.kind == stage.kind } }
        for (index, stage) in first.stages.enumerated() where partners[index] == nil {
            partners[index] = take { $0.kind == stage.kind }
        }
        matches = zip(first.stages, partners).compactMap { stage, partner in
            partner.map { Match(first: stage, second: $0) }
        }
        onlyInFirst = zip(first.stages, partners).filter { $1 == nil }.map(\.0)
        onlyInSecond = open
    }
}

// MARK: - What differs

extension RunComparison {
    /// The options of a stage that differ, by path; none if one of them left no options.
    func options(of match: Match) -> [Pair] {
        guard match.first.options != [:], match.second.options != [:] else { return [] }
        return OptionChange.between(match.first.options, match.second.options, at: "").map {
            Pair(name: $0.path, first: $0.from, second: $0.to)
        }
    }

    /// The sizes of the networks that a stage made.
    func sizes(of match: Match) -> [Pair] {
        let names = ["totalParameters", "learnables", "memoryBytes", "macs", "activationMemoryBytes"]
        return names.compactMap { name in
            let values = [match.first, match.second].map { $0.result?.value(at: "network.\(name)") }
            return values.allSatisfy { $0 == nil } ? nil : Pair(name: name, first: values[0], second: values[1])
        }
    }

    /// What an `evaluate` stage measured of each network, `NEED METRIC`.
    func measures(of match: Match) -> [Pair] {
        func measures(_ stage: RunRecord.Stage) -> [(name: String, value: JSONValue)] {
            (stage.result?["rows"]?.elements ?? []).flatMap { row in
                (row["metrics"]?.members ?? [:]).sorted { $0.key < $1.key }.map { metric, measure in
                    ("\(row["need"]?.text ?? "") \(metric)", measure["value"] ?? .null)
                }
            }
        }
        return Self.pairs(measures(match.first), measures(match.second))
    }

    /// The last network of either run, layer by layer: what of it is asked for.
    func layers(_ value: (JSONValue) -> JSONValue?) -> [Pair] {
        func layers(_ run: RunRecord) -> [(name: String, value: JSONValue)] {
            let network = run.stages.last { $0.result?.value(at: "network.layers") != nil }?.result?["network"]
            return (network?["layers"]?.elements ?? []).map { ($0["name"]?.text ?? "", value($0) ?? .null) }
        }
        return Self.pairs(layers(first), layers(second))
    }

    /// Values by name, those of the first in their order, then those that only the second has.
    private static func pairs(
        _ first: [(name: String, value: JSONValue)], _ second: [(name: String, value: JSONValue)]
    ) -> [Pair] {
        let values = Dictionary(first, uniquingKeysWith: { earlier, _ in earlier })
        let others = Dictionary(second, uniquingKeysWith: { earlier, _ in earlier })
        return (first + second).map(\.name).withoutRepetition.map {
            Pair(name: $0, first: values[$0], second: others[$0])
        }
    }
}

// MARK: - JSON

extension RunComparison {
    /// The comparison for other programs; numbers as they are in the artifacts.
    package var json: JSONValue {
        [
            "schema": "pare.comparison/1",
            "runs": .array(
                [first, second].map { run -> JSONValue in
                    [
                        "folder": .string(run.folder), "recipe": .string(run.recipe),
                        "exitStatus": run.exitStatus.map { .integer(Int($0.rawValue)) } ?? .null,
                        "version": .string(run.version), "instructionSet": .string(run.instructionSet),
                    ]
                }),
            "stages": .array(
                matches.map { match -> JSONValue in
                    [
                        "ids": [.string(match.first.id), .string(match.second.id)], "kind": .string(match.first.kind),
                        "statuses": [.string(match.first.status.rawValue), .string(match.second.status.rawValue)],
                        "same": .boolean(match.first.key == match.second.key),
                        "options": Self.json(options(of: match)), "sizes": Self.json(sizes(of: match)),
                        "measures": Self.json(measures(of: match)),
                    ]
                }),
            "layers": .array(
                zip(layers { $0["memoryBytes"] }, layers { $0["outputShape"] }).map { bytes, shape -> JSONValue in
                    [
                        "name": .string(bytes.name), "memoryBytes": [bytes.first ?? .null, bytes.second ?? .null],
                        "outputShape": [shape.first ?? .null, shape.second ?? .null],
                    ]
                }),
            "only": .array([onlyInFirst, onlyInSecond].map { .array($0.map { .string($0.id) }) }),
        ]
    }

    private static func json(_ pairs: [Pair]) -> JSONValue {
        .array(
            pairs.map { pair -> JSONValue in
                ["name": .string(pair.name), "values": [pair.first ?? .null, pair.second ?? .null]]
            })
    }
}
