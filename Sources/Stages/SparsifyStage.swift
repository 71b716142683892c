internal import Compression
internal import Documents
internal import Execution
internal import Interchange
internal import Networks
internal import Planning
internal import Recipes
internal import Training

/// `sparsify`: sets weights to zero, which takes fewer bytes to store.
enum SparsifyStage: StageKind {
    static let schema = StageKindSchema(
        "sparsify", "sets weights to zero",
        [
            OptionSchema(
                "criterion", .choice(SparsificationOptions.Criterion.allCases.map(\.rawValue)), default: "magnitude",
                "which weights go: the smallest, or those that carry the least flow through the network"),
            OptionSchema(
                "sparsity", .proportion(0...1), .required, "share of the weights that is zero in the end"),
            OptionSchema(
                "iterations", .integer(1...100_000), default: 100, "rounds of synflow, each of which scores anew"),
            OptionSchema(
                "LayerNames", .oneOrMany(.layerPattern),
                "convolutions, dense and recurrent layers that lose weights; all if left out"),
            OptionSchema(
                "retrain", TrainingSettings.value, "training afterwards, in which zeros stay zero; none if left out"),
        ])

    static let version = 1

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        guard let prospect = context.input(of: stage), let data = context.data(of: prospect, for: stage),
            !prospect.form.isQuantized || context.requirePlain(prospect, for: stage),
            context.requireTrained(prospect, for: stage)
        else { return nil }
        var options = stage.options.value
        options["retrain"] = options["retrain"].map { TrainingSettings.resolved($0, for: prospect) }
        if let settings = options["retrain"],
            !TrainingSettings.check(settings, at: "retrain", of: stage, for: prospect, data: data, in: &context)
        {
            return nil
        }
        // Projection gives layers names and shapes of its own.
        if prospect.isStructureKnown, prospect.form == .plain {
            let layers = prospect.network.sparsifiableWeights.map(\.layer)
            guard context.requireMatches(stage, among: layers, that: "has weights") else { return nil }
        }
        return Resolution(options: options, isRandom: options["retrain"] != nil, prospect: prospect)
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        let resolved = work.specification.options
        var options = SparsificationOptions()
        options.layerNames = resolved["LayerNames"]?.elements?.compactMap(\.text)
        options.criterion = try resolved["criterion"]?.decode() ?? .magnitude
        options.sparsity = resolved["sparsity"]?.double ?? 0
        options.iterations = resolved["iterations"]?.whole ?? 100
        options.retrain = try resolved["retrain"]?.decode()

        let data = environment.data
        let sparsifier = try Sparsifier(
            try StageNetwork.float(work), data: data.train, validation: data.validation,
            teacher: StageNetwork.teacher(work, of: "retrain"), options: options, seed: environment.situation.seed,
            stream: environment.situation.stream, pool: environment.pool, from: work.checkpointing.load())
        let sparse = try sparsifier.run(CompressionMonitor(work))
        var result: JSONValue = [
            "network": NetworkResult.json(of: sparse.network),
            "sparsity": [
                "requested": .number(options.sparsity), "reached": .number(sparse.sparsity),
                "weights": .integer(sparse.count), "zeros": .integer(sparse.zeros),
            ],
            "storage": [
                "denseBytes": .integer(sparse.network.counts.float32Bytes), "sparseBytes": .integer(sparse.sparseBytes),
            ],
            "weights": .array(try sparse.weights.map { try JSONValue(encoding: $0) }),
        ]
        if options.retrain != nil { result["retrain"] = .array(sparse.retraining.map(\.json)) }
        return StageOutcome(
            result: result, outputs: [StageNetwork.fileName: NetworkFile.encode(sparse.network)])
    }
}
