internal import Compression
internal import Documents
internal import Execution
internal import Recipes

/// `analyze`: how much each technique can save at the most, layer by layer.
///
/// It changes no network.
enum AnalyzeStage: StageKind {
    static let schema = StageKindSchema("analyze", "says what each technique can save at the most, layer by layer", [])

    static let version = 1
    static let isTransparent = true

    static func results(_ options: JSONValue) -> [String] { [] }

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        guard let prospect = context.input(of: stage) else { return nil }
        if prospect.form.isQuantized {
            _ = context.requirePlain(prospect, for: stage)
            return nil
        }
        return Resolution(options: stage.options.value, prospect: prospect)
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        work.report(StageProgress(fraction: 0, what: "following the channels"))
        let analysis = try CompressionAnalysis(
            of: StageNetwork.float(work), data: environment.situation.data?.splits.train, pool: environment.pool,
            checkCancellation: { try work.checkCancellation() })
        return StageOutcome(result: ["analysis": try JSONValue(encoding: analysis)])
    }
}
