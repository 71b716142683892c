internal import Compression
internal import Documents
internal import Execution
internal import Networks
internal import Planning

/// `pca`: the principal components of activations, which a projection implies.
///
/// Any number of projections of the same layers of a network, with whatever goals, use one record.
enum PrincipalComponentsStage: StageMaker {
    static let name = "pca"
    static let version = 1

    /// The name of the output in a record.
    private static let fileName = "components.safetensors"

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        let network = try StageNetwork.float(work)
        let analyzer = try ActivationAnalyzer(
            network, layers: work.specification.options["LayerNames"]?.elements?.compactMap(\.text),
            data: environment.data.train, pool: environment.pool, from: work.checkpointing.load())
        let analysis = try analyzer.run(CompressionMonitor(work))
        let layers = analysis.layers.map { layer -> JSONValue in
            var row: JSONValue = ["name": .string(layer.name)]
            row["kind"] = network.node(layer.name).map { .string($0.layer.kind) }
            row["input"] = layer.input?.json
            row["output"] = layer.output?.json
            return row
        }
        return StageOutcome(result: ["layers": .array(layers)], outputs: [fileName: analysis.encoded])
    }

    /// The components that a stage reads.
    static func components(of work: StageWork) throws -> ProjectionAnalysis {
        guard let input = work.input(name) else { preconditionFailure("'\(work.specification.id)' implies '\(name)'") }
        return try ProjectionAnalysis(decoding: input.output(fileName))
    }
}

extension ProjectionSide {
    /// The curve of explained variance, rank by rank from 1, up to where nothing is left to explain.
    fileprivate var json: JSONValue {
        let end = explained.firstIndex { $0 >= 1 - 1e-9 } ?? explained.count - 1
        return [
            "dimension": .integer(dimension), "explainedVariance": .array(explained[...end].map { .number($0) }),
        ]
    }
}
