internal import Diagnostics
internal import Documents
internal import Execution
internal import Interchange
internal import Networks
internal import Planning
internal import Recipes
internal import Training

/// `train`: trains a network on the training split.
enum TrainStage: StageKind {
    static let schema = StageKindSchema("train", "trains a network", [initialize] + TrainingSettings.options)

    /// Whether a network that has weights loses them.
    static let initialize = OptionSchema(
        "initialize", .boolean, "whether to begin from random weights; true if the network has none")

    static let version = 2

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        guard var prospect = context.input(of: stage), let data = context.data(of: prospect, for: stage) else {
            return nil
        }
        guard !prospect.form.isQuantized || context.requirePlain(prospect, for: stage) else { return nil }
        var options = TrainingSettings.resolved(stage.options.value, for: prospect)
        let initialize = options["initialize"]?.flag ?? !prospect.isTrained
        guard initialize || context.requireTrained(prospect, for: stage),
            TrainingSettings.check(options, at: "", of: stage, for: prospect, data: data, in: &context)
        else { return nil }
        options["initialize"] = .boolean(initialize)
        prospect.isTrained = true
        return Resolution(options: options, isRandom: true, prospect: prospect)
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        let options = work.specification.options
        let data = environment.data
        var network = try StageNetwork.float(work)
        if options["initialize"] == true {
            network = try network.architecture.normalizing(data.train).initialized(
                seed: environment.situation.seed, stream: environment.situation.stream + "/initialize")
        }
        let result = try environment.train(
            network, on: data, settings: options, work: work)
        return StageOutcome(
            result: ["network": NetworkResult.json(of: result.network), "training": result.json],
            outputs: [StageNetwork.fileName: NetworkFile.encode(result.network)])
    }
}
