internal import Compression
internal import Diagnostics
internal import Documents
internal import Execution
internal import Interchange
internal import Networks
internal import Recipes

/// `unpack`: makes plain layers of projected ones, which every technique takes.
enum UnpackStage: StageKind {
    static let schema = StageKindSchema("unpack", "makes plain layers of projected ones, with equal outputs", [])

    static let version = 1

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        guard var prospect = context.input(of: stage) else { return nil }
        guard prospect.form == .projected else {
            context.report(
                .stageOrder, "stage '\(stage.id)' has nothing to unpack: its network has no projected layers",
                at: stage.kindSpan, help: ["put it after project, or leave it out"])
            return nil
        }
        prospect.form = .plain
        // The ranks of a projection follow from the data.
        if prospect.network.isProjected {
            prospect.network = prospect.network.unpacked
            prospect.smallest = prospect.network
        } else {
            prospect.isStructureKnown = false
        }
        return Resolution(options: [:], prospect: prospect)
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        let network = try StageNetwork.float(work).unpacked
        return StageOutcome(
            result: ["network": NetworkResult.json(of: network)],
            outputs: [StageNetwork.fileName: NetworkFile.encode(network)])
    }
}
