internal import Checkpoints
internal import Compression
internal import Diagnostics
internal import Documents
internal import Execution
internal import Interchange
internal import Networks
internal import Planning
internal import Recipes
internal import Tensors
internal import Training

/// `project`: replaces layers by smaller ones that work in the subspace where their activations vary.
enum ProjectStage: StageKind {
    static let schema = StageKindSchema(
        "project", "projects layers onto the principal components of their activations",
        [
            OptionSchema("LayerNames", .oneOrMany(.layerPattern), "layers to project; all that can be if left out"),
            OptionSchema("goal", GoalOption.valueOfParameters, "size that is left at the most"),
            OptionSchema(
                "LearnablesReductionGoal", .proportion(0...1), "share of the learnables removed at the least"),
            OptionSchema(
                "ExplainedVarianceGoal", .proportion(0...1),
                "share of the variance kept; 0.95 if no other goal is given"),
            OptionSchema(
                "ranks", .any([.stage, .map(of: .any([.integer(1...1_000_000), .object(ranks)]))]),
                "ranks of the layers to project, by name: {input: 8, output: 7}, or of a dense layer one number; or the "
                    + "project stage whose ranks these are"),
            OptionSchema(
                "selection", .choice(["variance", "loss"]), default: "variance",
                "how ranks are chosen for a goal on size: by explained variance, or from there on by the loss on the "
                    + "validation split"),
            OptionSchema(
                "selectionEpochs", .integer(0...1_000_000), default: 0,
                "epochs of retrain before the loss of a choice of ranks is measured"),
            OptionSchema(
                "selectionNetworks", .integer(1...1_000_000), default: 200,
                "choices of ranks that are measured at the most"),
            OptionSchema(
                "UnpackProjectedLayers", .boolean, default: false,
                "whether the result is a plain network, which can be pruned or projected again"),
            OptionSchema("retrain", TrainingSettings.value, "training after the projection; none if left out"),
        ], groups: [.atMostOne(goals)])

    private static let goals = ["goal", "LearnablesReductionGoal", "ExplainedVarianceGoal", "ranks"]

    private static let ranks = ObjectSchema([
        OptionSchema("input", .integer(1...1_000_000), "dimensions of the input that stay; all if left out"),
        OptionSchema("output", .integer(1...1_000_000), "dimensions of the output that stay; all if left out"),
    ])

    static let version = 4

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        guard var prospect = context.input(of: stage), let data = context.data(of: prospect, for: stage),
            context.requirePlain(prospect, for: stage), context.requireTrained(prospect, for: stage)
        else { return nil }
        var options = stage.options.value
        options["retrain"] = options["retrain"].map { TrainingSettings.resolved($0, for: prospect) }
        if goals.allSatisfy({ options[$0] == nil }) {
            options["ExplainedVarianceGoal"] = 0.95
        }
        if let settings = options["retrain"],
            !TrainingSettings.check(settings, at: "retrain", of: stage, for: prospect, data: data, in: &context)
        {
            return nil
        }
        guard checkSelection(stage, data: data, in: &context), checkRanks(stage, in: &context) else { return nil }
        var lowest: Counts?
        if prospect.isStructureKnown {
            let names = options["LayerNames"]?.elements?.compactMap(\.text)
            do {
                let layers = try prospect.network.projectableLayers(matching: nil)
                guard context.requireMatches(stage, among: layers, that: "can be projected") else { return nil }
                let selected = try prospect.network.projectableLayers(matching: names)
                var counts = prospect.smallest.counts
                counts.learnables =
                    prospect.smallest.minimumTotalParameters(projecting: selected) - counts.states
                lowest = counts
                if let ranks = try ranks(of: options, in: prospect.network) {
                    try prospect.network.check(ranks, of: selected)
                    try prospect.network.refuseGrowth(by: ranks)
                }
            } catch let error where error.code == .invalidOption {
                context.report(
                    .outOfRange, "stage '\(stage.id)': \(error)", at: stage.options.span(at: "ranks"))
                return nil
            } catch {
                context.report(.networkInvalid, "stage '\(stage.id)': \(error)", at: stage.kindSpan)
                return nil
            }
        }
        guard
            let goal = GoalOption.resolve(
                stage, share: .project, prospect: prospect, lowest: lowest, in: &context)
        else { return nil }
        options["goal"] = goal?.option
        if options["UnpackProjectedLayers"] == true {
            prospect.isStructureKnown = false
        } else {
            prospect.form = .projected
        }
        let layers: JSONValue = options["LayerNames"].map { ["LayerNames": $0] } ?? [:]
        return Resolution(
            options: options, isRandom: options["retrain"] != nil, prospect: prospect,
            implied: ImpliedStage(maker: PrincipalComponentsStage.self, options: layers))
    }

    /// Whether what `selection: loss` needs is there; what is missing is reported.
    private static func checkSelection(
        _ stage: StageDeclaration, data: DataSource, in context: inout ResolvingContext
    ) -> Bool {
        guard stage.options["selection"] == "loss" else { return true }
        let span = stage.options.span(at: "selection")
        guard stage.options["goal"] != nil || stage.options["LearnablesReductionGoal"] != nil else {
            context.report(
                .missingOption, "'selection: loss' needs a goal on size, and stage '\(stage.id)' has none", at: span,
                help: ["give 'goal' or 'LearnablesReductionGoal'"])
            return false
        }
        guard stage.options["selectionEpochs"] == 0 || stage.options["retrain"] != nil else {
            context.report(
                .missingOption, "'selectionEpochs' trains as 'retrain' says, and stage '\(stage.id)' has none",
                at: stage.options.span(at: "selectionEpochs"), help: ["give 'retrain', or leave 'selectionEpochs' out"])
            return false
        }
        return data.hasSplit("validation", for: "'selection: loss'", at: span, in: &context)
    }

    /// Whether a stage that `ranks` names has ranks.
    private static func checkRanks(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Bool {
        guard let named = stage.options["ranks"]?.text,
            let kind = context.recipe.stages.first(where: { $0.id == named })?.kind, kind != schema.name
        else { return true }
        context.report(
            .unknownValue, "'ranks' takes the ranks of a project stage, and '\(named)' is a \(kind) stage",
            at: stage.options.span(at: "ranks"), help: ["name a project stage, or give ranks by layer"])
        return false
    }

    /// The ranks that another stage chose, without layers that it left alone or that are not selected here.
    private static func ranks(
        of input: StageInput, in network: Network, selected: [String]
    ) -> [String: ProjectionRanks] {
        let rows = (input.record.result["layers"]?.elements ?? []).compactMap { row in
            row["name"]?.text.map { name in
                (name, ProjectionRanks(input: row["inputRank"]?.whole, output: row["outputRank"]?.whole))
            }
        }
        let others = Set(network.projectableLayers).subtracting(selected)
        return Dictionary(rows) { first, _ in first }.filter { $0.value != .none && !others.contains($0.key) }
    }

    /// The ranks by hand; a number is that of the side of a dense layer with fewer dimensions.
    private static func ranks(
        of options: JSONValue, in network: Network
    ) throws(CompressionError) -> [String: ProjectionRanks]? {
        guard let members = options["ranks"]?.members else { return nil }
        var ranks: [String: ProjectionRanks] = [:]
        for (name, value) in members {
            guard let rank = value.whole else {
                ranks[name] = ProjectionRanks(input: value["input"]?.whole, output: value["output"]?.whole)
                continue
            }
            let node = network.node(name)
            if let layer = node?.layer, !(layer is Dense) {
                throw CompressionError(
                    .invalidOption, layer: name,
                    "has one number in 'ranks', which '\(layer.kind)' does not take; name the side: {output: \(rank)}")
            }
            let input = node.flatMap { network.inputShapes(of: $0).first }?[0] ?? 0
            ranks[name] =
                input < network.shape(of: name)?[0] ?? 0 ? ProjectionRanks(input: rank) : ProjectionRanks(output: rank)
        }
        return ranks
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        let resolved = work.specification.options
        let network = try StageNetwork.float(work)
        var options = ProjectionOptions()
        options.retrain = try resolved["retrain"]?.decode()
        options.unpacksLayers = resolved["UnpackProjectedLayers"] == true
        if resolved["selection"] == "loss" {
            options.selection = .loss(
                epochs: resolved["selectionEpochs"]?.whole ?? 0, networks: resolved["selectionNetworks"]?.whole ?? 200)
        }
        let selected = try network.projectableLayers(
            matching: resolved["LayerNames"]?.elements?.compactMap(\.text))
        options.goal =
            try SizeGoal(resolved["goal"]).map { .size($0) }
            ?? resolved["LearnablesReductionGoal"]?.double.map { .learnablesReduction($0) }
            ?? (work.input("ranks").map { ranks(of: $0, in: network, selected: selected) }
            ?? ranks(of: resolved, in: network)).map { .ranks($0) }
            ?? .explainedVariance(resolved["ExplainedVarianceGoal"]?.double ?? 0.95)

        let data = environment.data
        let projector = try Projector(
            network, analysis: PrincipalComponentsStage.components(of: work), data: data.train,
            validation: data.validation, teacher: StageNetwork.teacher(work, of: "retrain"), options: options,
            seed: environment.situation.seed, stream: environment.situation.stream, pool: environment.pool,
            from: work.checkpointing.load())
        let projected = try projector.run(CompressionMonitor(work))
        var result: JSONValue = [
            "network": NetworkResult.json(of: projected.network),
            "layers": .array(
                try projected.plan.layers.map { layer in
                    var row = try JSONValue(encoding: layer)
                    row["reduction"] = .number(layer.reduction)
                    return row
                }),
            "explainedVariance": .number(projected.plan.level), "learnablesReduction": .number(projected.reduction),
            "outcome": .string(projected.plan.outcome.rawValue),
        ]
        if let search = projected.search { result["selection"] = try JSONValue(encoding: search) }
        switch options.goal {
        case .size(let goal): result["goal"] = GoalOption.json(goal, reached: projected.network.counts)
        case .learnablesReduction(let goal):
            result["goal"] = [
                "requested": .number(goal), "reached": .number(projected.reduction),
                "met": .boolean(projected.plan.isMet),
            ]
        case .explainedVariance, .ranks: break
        }
        if options.retrain != nil { result["retrain"] = .array(projected.retraining.map(\.json)) }
        return StageOutcome(
            result: result, outputs: [StageNetwork.fileName: NetworkFile.encode(projected.network)],
            requirementsMet: projected.plan.isMet)
    }
}
