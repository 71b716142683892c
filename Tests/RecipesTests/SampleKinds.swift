import Diagnostics
import Documents
import Recipes

/// Kinds of stages as the recipes of these tests use them.
enum SampleKinds {
    static let goal = ValueSchema.any([.choice(["budget"]), .object(ParameterGoal.schema)])

    static let training = ObjectSchema([
        OptionSchema("solver", .choice(["adam", "sgdm"]), default: "adam", "the optimizer"),
        OptionSchema("InitialLearnRate", .number(.positive), default: 0.001, "the learning rate at the start"),
        OptionSchema("MaxEpochs", .integer(1...Int.max), default: 30, "passes over the data"),
        OptionSchema("MiniBatchSize", .integer(1...Int.max), default: 32, "examples in a step"),
    ])

    static let all = [
        StageKindSchema(
            "load", "Reads a network and its data.",
            [
                OptionSchema("network", .path, .required, "the file of the network"),
                OptionSchema("data", .path, "the folder of the data set"),
                OptionSchema("channels", .list(of: .text, minimum: 1), "the channels to keep"),
            ]),
        StageKindSchema(
            "prune", "Removes filters.",
            [
                OptionSchema(
                    "criterion", .choice(["magnitude", "taylor"]), default: "taylor", "how filters are scored"),
                OptionSchema(
                    "MaxToPrune", .integer(1...1000), default: 8, "filters removed at the most in one iteration"),
                OptionSchema("LearnablesIncrement", .proportion(0...1), "the share removed at least in one iteration"),
                OptionSchema(
                    "minimumFraction", .proportion(0...1), default: "20 %", "the share of a group that is kept"),
                OptionSchema("goal", goal, .required, "when to stop"),
                OptionSchema("LayerNames", .oneOrMany(.layerPattern), "the layers to prune"),
                OptionSchema("retrain", .object(training), "the training after the last iteration"),
                OptionSchema("teacher", .stage, "the stage whose network teaches"),
            ], groups: [.atMostOne(["MaxToPrune", "LearnablesIncrement"])]),
        StageKindSchema(
            "project", "Projects layers on their principal components.",
            [
                OptionSchema("LayerNames", .oneOrMany(.layerPattern), default: "*", "the layers to project"),
                OptionSchema("goal", goal, "how far"),
                OptionSchema("ExplainedVarianceGoal", .proportion(0...1), "how far, as explained variance"),
                OptionSchema("retrain", .object(training), "the training afterwards"),
            ], groups: [.exactlyOne(["goal", "ExplainedVarianceGoal"])]),
        StageKindSchema(
            "evaluate", "Measures networks.",
            [
                OptionSchema("metrics", .oneOrMany(.choice(["accuracy", "confusion"])), default: "accuracy", "what"),
                OptionSchema("require", .map(of: .requirement), "the gate"),
                OptionSchema("against", .stage, "the stage to compare with"),
                OptionSchema("verbose", .boolean, default: false, "whether to tell more"),
            ]),
    ]

    /// A recipe of these kinds, as text; the stages are given.
    static func recipe(_ stages: String) -> String { "version: 1\nname: road\nstages:\n\(stages)\n" }

    static func read(_ text: String, set: [String] = []) -> (recipe: Recipe?, faults: String) {
        var list = DiagnosticList()
        let recipe = Recipe.read(
            file: SourceFile(name: "road.yaml", text: text), overrides: set.map { Override($0) }, kinds: all,
            into: &list)
        return (recipe, list.sorted.map { DiagnosticRenderer().render($0) }.joined())
    }
}
