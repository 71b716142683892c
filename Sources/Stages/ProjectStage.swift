internal import Compression
internal import Diagnostics
internal import Documents
internal import Execution
internal import Interchange
internal import Networks
internal import Planning
internal import Recipes
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
            OptionSchema("selection", .choice(["variance"]), default: "variance", "how ranks are chosen"),
            OptionSchema(
                "UnpackProjectedLayers", .boolean, default: false,
                "whether the result is a plain network, which can be pruned or projected again"),
            OptionSchema("retrain", TrainingSettings.value, "training after the projection; none if left out"),
        ], groups: [.atMostOne(["goal", "LearnablesReductionGoal", "ExplainedVarianceGoal"])])

    static let version = 2

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        guard var prospect = context.input(of: stage), let data = context.data(of: prospect, for: stage),
            context.requirePlain(prospect, for: stage), context.requireTrained(prospect, for: stage)
        else { return nil }
        var options = stage.options.value
        options["retrain"] = options["retrain"].map { TrainingSettings.resolved($0, for: prospect) }
        if ["goal", "LearnablesReductionGoal", "ExplainedVarianceGoal"].allSatisfy({ options[$0] == nil }) {
            options["ExplainedVarianceGoal"] = 0.95
        }
        if let settings = options["retrain"],
            !TrainingSettings.check(settings, at: "retrain", of: stage, for: prospect, data: data, in: &context)
        {
            return nil
        }
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
        return Resolution(options: options, isRandom: options["retrain"] != nil, prospect: prospect)
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        let resolved = work.specification.options
        var options = ProjectionOptions()
        options.layerNames = resolved["LayerNames"]?.elements?.compactMap(\.text)
        options.retrain = try resolved["retrain"]?.decode()
        options.unpacksLayers = resolved["UnpackProjectedLayers"] == true
        options.goal =
            SizeGoal(resolved["goal"]).map { .size($0) }
            ?? resolved["LearnablesReductionGoal"]?.double.map { .learnablesReduction($0) }
            ?? .explainedVariance(resolved["ExplainedVarianceGoal"]?.double ?? 0.95)

        let data = environment.data
        let projector = try Projector(
            try StageNetwork.float(work), data: data.train, validation: data.validation,
            teacher: StageNetwork.teacher(work, of: "retrain"), options: options,
            seed: environment.situation.seed, stream: environment.situation.stream, pool: environment.pool,
            from: work.checkpointing.load())
        let projected = try projector.run(CompressionMonitor(work))
        var result: JSONValue = [
            "network": NetworkResult.json(of: projected.network),
            "layers": .array(try projected.plan.layers.map { try JSONValue(encoding: $0) }),
            "explainedVariance": .number(projected.plan.level), "learnablesReduction": .number(projected.reduction),
        ]
        switch options.goal {
        case .size(let goal): result["goal"] = GoalOption.json(goal, reached: projected.network.counts)
        case .learnablesReduction(let goal):
            result["goal"] = [
                "requested": .number(goal), "reached": .number(projected.reduction),
                "met": .boolean(projected.plan.isMet),
            ]
        case .explainedVariance: break
        }
        if options.retrain != nil { result["retrain"] = .array(projected.retraining.map(\.json)) }
        return StageOutcome(
            result: result, outputs: [StageNetwork.fileName: NetworkFile.encode(projected.network)],
            requirementsMet: projected.plan.isMet)
    }
}
