internal import Compression
internal import Datasets
internal import Documents
internal import Kernels
internal import Networks
internal import Training

/// One row of an evaluation: a network, its size, and what it makes of the data.
struct RowMeasurement {
    let network: JSONValue
    let evaluation: Evaluation

    init(of network: StageNetwork, on data: Dataset, in environment: StageEnvironment) throws {
        self.network = network.json
        switch network {
        case .float(let float):
            evaluation = try Evaluation(of: float, on: data, pool: environment.pool)
        case .int8(let quantized):
            let scores = try IntegerNetwork(quantized).scores(of: data, pool: environment.pool)
            let endsInSoftmax = quantized.structure.outputs.last?.layer is Softmax
            evaluation = Evaluation(scores: scores, areProbabilities: endsInSoftmax, of: data)
        }
    }

    /// What a requirement can be about.
    var measures: RequirementCheck.Measures {
        [
            "accuracy": evaluation.accuracy, "loss": evaluation.loss,
            "memory": network["memoryBytes"]?.double ?? .nan,
            "totalParameters": network["totalParameters"]?.double ?? .nan,
            "learnables": network["learnables"]?.double ?? .nan,
        ]
    }

    /// The metrics that a recipe asks for; the confusion matrix stands beside the rows.
    func metricsJSON(_ names: [String]) -> JSONValue {
        var metrics: [String: JSONValue] = [:]
        for name in names where name != "confusion" {
            metrics[name] = ["value": .number(measures[name] ?? .nan)]
        }
        if names.contains("accuracy") {
            let interval = evaluation.interval95
            metrics["accuracy"] = [
                "value": .number(evaluation.accuracy), "correct": .integer(evaluation.correct),
                "count": .integer(evaluation.count),
                "interval95": .array([.number(interval.low), .number(interval.high)]),
            ]
        }
        return .object(metrics)
    }
}

extension StageNetwork {
    /// The `network` member of an artifact.
    var json: JSONValue {
        switch self {
        case .float(let network): NetworkResult.json(of: network)
        case .int8(let network):
            NetworkResult.json(of: network.structure) { network.memoryBytes(of: $0.name) }
        }
    }
}
