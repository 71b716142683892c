internal import Diagnostics
internal import Documents
internal import Execution
package import Recipes

/// One stage kind: its options, what they come to before anything runs, and what it runs.
///
/// A kind is one file in this module and one line in ``StageKinds``. The options are declared once, as schemas: they
/// check recipes, fill in defaults, and are its part of the JSON Schema.
protocol StageKind: StageMaker {
    /// Options, name and summary.
    static var schema: StageKindSchema { get }

    /// Whether it changes no network, so that what follows reads from the stage before it.
    static var isTransparent: Bool { get }

    /// Whether it begins a chain: it reads files and no other stage.
    static var isSource: Bool { get }

    /// The names of the results that a sweep can look for, as `require` knows them, of a stage with these options.
    static func results(_ options: JSONValue) -> [String]

    /// Resolves the options and foresees what the stage makes, without running it.
    ///
    /// Everything that can be known to be wrong is reported here: a pattern that matches no layer, a goal that cannot
    /// be reached, a stage that cannot follow another.
    ///
    /// - Returns: `nil` if there was a fault.
    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution?
}

/// What makes the record of a stage, be it one of a recipe or one that a stage of a recipe implies.
protocol StageMaker: Sendable {
    /// The stage kind that artifacts and keys name.
    static var name: String { get }

    /// Counts the changes of the implementation that change results; it enters the key.
    static var version: Int { get }

    /// Makes what the resolved options ask for.
    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome
}

extension StageKind {
    static var name: String { schema.name }
    static var isTransparent: Bool { false }
    static var isSource: Bool { false }
    static func results(_ options: JSONValue) -> [String] { RequirementCheck.sizes }
}

/// What resolving a stage came to.
struct Resolution {
    /// Every option with defaults and budget filled in: what the artifact shows.
    var options: JSONValue
    /// The same with paths replaced by digests, if it has any: what enters the key.
    var keyOptions: JSONValue?
    /// Whether the stage draws random numbers.
    var isRandom = false
    /// What is known of the stage's network before it runs.
    var prospect: Prospect
    /// The network file that the stage reads, if it reads one.
    var source: NetworkSource?
    /// The data that the stage looks at, if they are others than its network's.
    var data: DataSource?
    /// What the stage takes from a record of its own, so that other stages can use it too.
    var implied: ImpliedStage?
}

/// A stage that no recipe names: one of a recipe implies it, takes what it takes, and reads what it makes.
///
/// Its id is that of the stage with its kind after a dot, `project.pca`. It draws no random numbers.
struct ImpliedStage {
    let maker: any StageMaker.Type
    let options: JSONValue
}

/// Every stage kind there is.
package enum StageKinds {
    static let all: [any StageKind.Type] = [
        LoadStage.self, TrainStage.self, DistillStage.self, PruneStage.self, ProjectStage.self, UnpackStage.self,
        SparsifyStage.self, QuantizeStage.self, EvaluateStage.self, AnalyzeStage.self,
    ]

    /// Every kind that others imply.
    private static let implied: [any StageMaker.Type] = [PrincipalComponentsStage.self]

    /// The options of every kind.
    package static var schemas: [StageKindSchema] { all.map { $0.schema } }

    static func kind(_ name: String) -> any StageKind.Type {
        guard let kind = all.first(where: { $0.schema.name == name }) else {
            preconditionFailure("no stage kind '\(name)': recipes are checked against the same list")
        }
        return kind
    }
}

extension StageKinds {
    /// What makes the records of a kind.
    static func maker(_ name: String) -> any StageMaker.Type { implied.first { $0.name == name } ?? kind(name) }
}
