internal import Compression
internal import Diagnostics
internal import Documents
internal import Execution
internal import Interchange
internal import Networks
internal import Planning
internal import Recipes
internal import Training

/// `prune`: removes filters, a few at a time with fine-tuning between, until a goal is met.
enum PruneStage: StageKind {
    static let schema = StageKindSchema(
        "prune", "removes filters until a goal is met",
        [
            OptionSchema(
                "criterion", .choice(PruningCriterion.allCases.map(\.rawValue)), default: "taylor",
                "what the importance of a filter is"),
            OptionSchema(
                "normalize", .choice(ScoreNormalization.allCases.map(\.rawValue)), default: "none",
                "what the scores of a layer are divided by"),
            OptionSchema(
                "MaxToPrune", .integer(1...1_000_000), "filters removed at the most in one iteration; 8 if left out"),
            OptionSchema(
                "LearnablesIncrement", .proportion(0...1),
                "share of the learnables removed at the least in one iteration"),
            OptionSchema("epochs", .integer(0...1_000_000), "fine-tuning epochs in one iteration; short for finetune"),
            OptionSchema(
                "finetune", .object(finetune), default: [:], "training options of the fine-tuning in each iteration"),
            OptionSchema("goal", GoalOption.value, "where to stop; as far as possible if left out"),
            OptionSchema(
                "ValidationThreshold", .number(.any),
                "bound on the ObjectiveMetricName of finetune, on the validation data, of the network that OutputNetwork "
                    + "selects; an iteration that breaks it is undone, and pruning ends"),
            OptionSchema("LayerNames", .oneOrMany(.layerPattern), "layers that lose filters; all if left out"),
            OptionSchema(
                "prunable", .list(of: .choice(FilterKind.allCases.map(\.rawValue)), minimum: 1),
                default: ["convolution"], "what counts as a filter"),
            OptionSchema(
                "minimumFraction", .proportion(0...1), default: 0.2,
                "share of its filters that a layer keeps at the least"),
            OptionSchema("retrain", TrainingSettings.value, "training after the last iteration; none if left out"),
        ], groups: [.atMostOne(["MaxToPrune", "LearnablesIncrement"])])

    /// Fine-tuning has the training options, with fewer epochs unless it says so.
    private static let finetune = ObjectSchema(
        TrainingSettings.options.map { option in
            option.name == "MaxEpochs"
                ? OptionSchema("MaxEpochs", .integer(0...1_000_000), default: 5, option.summary) : option
        })

    static let version = 3

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        guard var prospect = context.input(of: stage), let data = context.data(of: prospect, for: stage),
            context.requirePlain(prospect, for: stage), context.requireTrained(prospect, for: stage)
        else { return nil }
        var options = stage.options.value
        var finetune = TrainingSettings.resolved(options["finetune"] ?? [:], for: prospect)
        if let epochs = options["epochs"] {
            if stage.options.isWritten("finetune.MaxEpochs") {
                context.report(
                    .conflictingOptions, "'epochs' is short for 'finetune.MaxEpochs', and both are set",
                    at: stage.options.keySpan(at: "epochs"), help: ["leave one of them out"])
                return nil
            }
            finetune["MaxEpochs"] = epochs
        }
        options["epochs"] = nil
        options["finetune"] = finetune
        options["retrain"] = options["retrain"].map { TrainingSettings.resolved($0, for: prospect) }
        if options["LearnablesIncrement"] == nil, options["MaxToPrune"] == nil { options["MaxToPrune"] = 8 }

        var isSound = true
        for part in ["finetune", "retrain"] {
            guard let settings = options[part] else { continue }
            isSound =
                TrainingSettings.check(settings, at: part, of: stage, for: prospect, data: data, in: &context)
                && isSound
        }
        if options["ValidationThreshold"] != nil {
            isSound =
                data.hasSplit(
                    "validation", for: "'ValidationThreshold'", at: stage.options.span(at: "ValidationThreshold"),
                    in: &context) && isSound
        }
        if prospect.isStructureKnown {
            var scope = scope(of: options)
            let patterns = scope.layerNames
            scope.layerNames = nil
            do {
                let layers = try PrunableNetwork(prospect.network, scope: scope).layers
                guard context.requireMatches(stage, among: layers, that: "can be pruned") else { return nil }
                scope.layerNames = patterns
                prospect.smallest = try PrunableNetwork(prospect.smallest, scope: scope).fullyPruned.network
            } catch {
                context.report(.networkInvalid, "stage '\(stage.id)': \(error)", at: stage.kindSpan)
                return nil
            }
        }
        guard isSound,
            let goal = GoalOption.resolve(
                stage, share: .prune, prospect: prospect,
                lowest: prospect.isStructureKnown ? prospect.smallest.counts : nil, in: &context)
        else { return nil }
        options["goal"] = goal?.option
        return Resolution(options: options, isRandom: true, prospect: prospect)
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        let resolved = work.specification.options
        var options = PruningOptions()
        options.scope = scope(of: resolved)
        options.criterion = try resolved["criterion"]?.decode() ?? .taylor
        options.normalization = try resolved["normalize"]?.decode() ?? .none
        options.pace =
            resolved["LearnablesIncrement"]?.double.map { .learnables($0) }
            ?? .filters(resolved["MaxToPrune"]?.whole ?? 8)
        options.finetune = try resolved["finetune"]?.decode() ?? TrainingOptions()
        options.retrain = try resolved["retrain"]?.decode()
        options.goal = SizeGoal(resolved["goal"])
        options.validationThreshold = resolved["ValidationThreshold"]?.double

        let data = environment.data
        let pruner = try Pruner(
            try StageNetwork.float(work), data: data.train, validation: data.validation,
            teachers: Pruner.Teachers(
                finetune: StageNetwork.teacher(work, of: "finetune"), retrain: StageNetwork.teacher(work, of: "retrain")
            ),
            options: options,
            seed: environment.situation.seed, stream: environment.situation.stream, pool: environment.pool,
            from: work.checkpointing.load())
        let pruned = try pruner.run(CompressionMonitor(work))
        var result: JSONValue = [
            "network": NetworkResult.json(of: pruned.network), "stopReason": .string(pruned.stopReason.rawValue),
            "prunedLayers": .array(pruned.prunedLayers.map { .string($0) }),
            "history": .array(try pruned.history.map { try JSONValue(encoding: $0) }),
        ]
        if !pruned.validations.isEmpty {
            result["validations"] = .array(try pruned.validations.map { try JSONValue(encoding: $0) })
        }
        if let threshold = options.validationThreshold {
            result["threshold"] = [
                "metric": .string(options.finetune.objectiveMetric.rawValue), "required": .number(threshold),
                "reached": pruned.objective.map { .number($0) } ?? .null,
                "met": .boolean(pruned.stopReason != .thresholdBrokenBefore),
            ]
        }
        if let goal = options.goal { result["goal"] = GoalOption.json(goal, reached: pruned.network.counts) }
        if options.retrain != nil { result["retrain"] = .array(pruned.retraining.map(\.json)) }
        return StageOutcome(
            result: result, outputs: [StageNetwork.fileName: NetworkFile.encode(pruned.network)],
            requirementsMet: pruned.isMet)
    }

    private static func scope(of options: JSONValue) -> PruningScope {
        PruningScope(
            layerNames: options["LayerNames"]?.elements?.compactMap(\.text),
            prunable: Set((options["prunable"]?.elements ?? []).compactMap { $0.text.flatMap(FilterKind.init) }),
            minimumFraction: options["minimumFraction"]?.double ?? 0.2)
    }
}
