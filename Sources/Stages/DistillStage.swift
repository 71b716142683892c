internal import Execution
internal import Recipes

/// `distill`: trains a network to give what a teacher gives; a training whose teacher is not left out.
enum DistillStage: StageKind {
    static let schema = StageKindSchema(
        "distill", "trains a network to give what a teacher gives",
        [TrainStage.initialize]
            + TrainingSettings.options.map { option in
                option.name == TrainingSettings.teacher.name
                    ? OptionSchema(option.name, option.value, .required, option.summary) : option
            })

    static var version: Int { TrainStage.version }

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        TrainStage.resolve(stage, in: &context)
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        try TrainStage.run(work, in: environment)
    }
}
