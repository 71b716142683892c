import Checkpoints
import Documents
import Execution
import Foundation
import Planning

/// A run of the kind that the reports show, made by hand.
enum Sample {
    static func graph(_ names: [String] = ["road-damage"]) -> StageGraph {
        StageGraph(
            names.map { name in
                RecipeStages(
                    name: name, seed: 7,
                    stages: [
                        StageSpecification(id: "load", kind: "load"),
                        StageSpecification(
                            id: "prune", kind: "prune", options: ["MaxToPrune": 2], needs: ["load"],
                            reads: [StageRead(role: "network", id: "load")], seed: 7),
                        StageSpecification(
                            id: "evaluate", kind: "evaluate", needs: ["load", "prune"],
                            reads: [StageRead(role: "network", id: "prune")], isTransparent: true),
                    ])
            })
    }

    static func stage(_ index: Int, _ graph: StageGraph = graph()) -> StageIdentity {
        let node = graph.nodes[index]
        return StageIdentity(
            index: index, recipe: node.recipeName, id: node.specification.id, kind: node.specification.kind,
            key: node.key)
    }

    static func report(
        _ index: Int, _ status: StageStatus, seconds: Double = 0, result: JSONValue? = nil, met: Bool = true,
        message: String? = nil, graph: StageGraph = graph()
    ) -> StageReport {
        let node = graph.nodes[index]
        return StageReport(
            stage(index, graph), status, started: Date(timeIntervalSince1970: 0), seconds: seconds,
            record: result.map {
                Record(key: node.key, ingredients: node.ingredients, result: $0, requirementsMet: met)
            }, message: message)
    }

    static let loaded: JSONValue = ["network": ["totalParameters": 1586, "memoryBytes": 6348]]

    static let pruned: JSONValue = [
        "network": ["totalParameters": 377, "memoryBytes": 474],
        "goal": ["requested": 383, "reached": 377, "met": true],
    ]

    static let iterated: JSONValue = [
        "network": ["totalParameters": 912, "memoryBytes": 3652],
        "stopReason": "validation threshold broken", "prunedLayers": ["conv_1", "bn_1", "fc"],
        "threshold": ["metric": "accuracy", "required": 0.85, "reached": 0.8512, "met": true],
        "history": [
            [
                "iteration": 0, "learnables": 1522, "totalParameters": 1586, "fractionRemoved": 0, "filters": [],
                "removed": [], "objective": 0.9024, "isAccepted": true,
            ],
            [
                "iteration": 1, "learnables": 868, "totalParameters": 912, "fractionRemoved": 0.4297, "filters": [],
                "removed": [], "loss": 0.2514, "objective": 0.8512, "isAccepted": true,
            ],
            [
                "iteration": 2, "learnables": 700, "totalParameters": 730, "fractionRemoved": 0.5401, "filters": [],
                "removed": [], "loss": 0.4, "objective": 0.84, "isAccepted": false,
            ],
        ],
    ]

    static let missed: JSONValue = [
        "network": ["totalParameters": 391, "memoryBytes": 500],
        "goal": ["requested": 383, "reached": 391, "met": false],
    ]

    static func accuracy(_ correct: Int) -> JSONValue {
        ["accuracy": ["value": .number(Double(correct) / 167), "correct": .integer(correct), "count": 167]]
    }

    static let evaluated: JSONValue = [
        "rows": [
            ["need": "load", "metrics": accuracy(156)],
            ["need": "prune", "metrics": accuracy(155)],
        ],
        "confusion": ["labels": ["good", "bad"], "counts": [[82, 2], [10, 73]]],
        "requirements": [
            [
                "metric": "accuracy", "required": ">= load - 1 points", "bound": 0.924131, "measured": 0.928144,
                "met": true,
            ],
            ["metric": "memory", "required": "<= 0.4 KiB", "bound": 409.6, "measured": 474, "met": false],
            ["metric": "loss", "required": "<= 0.5", "bound": 0.5, "measured": nil, "met": false],
        ],
    ]

    static let done = RunSummary(
        stages: [
            report(0, .reused, result: loaded), report(1, .ran, seconds: 12.34, result: pruned),
            report(2, .ran, seconds: 0.2, result: evaluated, met: false),
        ], exitStatus: .requirementNotMet, seconds: 12.6, folders: [".pare/runs/road-damage"])

    static let failed = RunSummary(
        stages: [
            report(0, .ran, seconds: 0.04, result: loaded),
            report(1, .failed, seconds: 3, message: "layer 'conv1d_1': the loss is not finite"),
            report(2, .skipped, message: "needs prune, which failed"),
        ], exitStatus: .failed, seconds: 3.1, folders: ["out"])

    static let interrupted = RunSummary(
        stages: [
            report(0, .ran, seconds: 0.04, result: loaded), report(1, .interrupted, seconds: 3),
            report(2, .skipped, message: "needs prune, which was interrupted"),
        ], exitStatus: .interrupted, seconds: 3.1, folders: ["out"])
}
