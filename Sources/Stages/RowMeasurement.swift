internal import Compression
internal import Datasets
internal import Documents
internal import Execution
internal import Kernels
internal import Networks
internal import Training

/// One row of an evaluation: a network, its size, and what it makes of the data.
struct RowMeasurement {
    let network: JSONValue
    /// Bytes of the network as a file.
    let fileBytes: Int
    let evaluation: Evaluation
    /// Of the metric `topK`.
    private let topK: Int

    init(of input: StageInput, on data: Dataset, topK: Int, in environment: StageEnvironment) throws {
        let network = try StageNetwork(input)
        self.network = network.json
        fileBytes = try input.output(StageNetwork.fileName).count
        self.topK = topK
        switch network {
        case .float(let float), .bfloat16(let float):
            evaluation = try Evaluation(of: float, on: data, pool: environment.pool)
        case .int8(let quantized):
            let scores = try IntegerNetwork(quantized).scores(of: data, pool: environment.pool)
            let endsInSoftmax = quantized.structure.outputs.last?.layer is Softmax
            evaluation = Evaluation(scores: scores, areProbabilities: endsInSoftmax, of: data)
        }
    }

    /// What a metric or a requirement asks for; NaN if it is not defined on the data.
    func measure(_ name: String) -> Double {
        switch name {
        case "memory": network["memoryBytes"]?.double ?? .nan
        case "activationMemory": network["activationMemoryBytes"]?.double ?? .nan
        case "totalParameters", "learnables", "macs": network[name]?.double ?? .nan
        default: Metric(rawValue: name).flatMap { evaluation.value(of: $0, k: topK) } ?? .nan
        }
    }

    /// Why a metric is NaN.
    func reason(_ name: String) -> String? {
        guard !measure(name).isFinite else { return nil }
        switch Metric(rawValue: name) {
        case .auc: return "not defined: the examples are of one class"
        case .r2: return "not defined: the targets are all the same"
        default: return "not finite"
        }
    }

    /// The metrics that a recipe asks for; the confusion matrix stands beside the rows.
    func metricsJSON(_ names: [String]) -> JSONValue {
        var metrics: [String: JSONValue] = [:]
        for name in names where name != "confusion" {
            metrics[name] = ["value": .number(measure(name))]
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
        case .bfloat16(let network):
            NetworkResult.json(of: network, bytesPerActivation: 4) { network.counts(of: $0).float32Bytes / 2 }
        case .int8(let network):
            NetworkResult.json(of: network.structure, bytesPerActivation: 1) { network.memoryBytes(of: $0.name) }
        }
    }
}
