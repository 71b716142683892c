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

    /// - Parameters:
    ///   - earlier: What was measured of the network before the stage was stopped.
    ///   - check: Called between batches; throws to stop.
    init(
        of input: StageInput, on data: Dataset, topK: Int, in environment: StageEnvironment, earlier: Evaluation?,
        check: () throws -> Void
    ) throws {
        let network = try StageNetwork(input)
        self.network = network.json
        fileBytes = try input.output(StageNetwork.fileName).count
        self.topK = topK
        evaluation = try earlier ?? network.evaluation(on: data, pool: environment.pool, check: check)
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
    fileprivate func evaluation(on data: Dataset, pool: WorkerPool, check: () throws -> Void) throws -> Evaluation {
        switch self {
        case .float(let network), .bfloat16(let network):
            return try Evaluation(of: network, on: data, pool: pool, check: check)
        case .int8(let network):
            let scores = try IntegerNetwork(network).scores(of: data, pool: pool, check: check)
            let endsInSoftmax = network.structure.outputs.last?.layer is Softmax
            return Evaluation(scores: scores, areProbabilities: endsInSoftmax, of: data)
        }
    }

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
