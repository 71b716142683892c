internal import Diagnostics
internal import Documents
internal import Recipes
internal import Training

/// The training options of a recipe, with the names and defaults of `trainingOptions` of the field's toolbox.
enum TrainingSettings {
    /// The options, as they stand in `train`, `finetune` and `retrain`.
    static let options: [OptionSchema] = [
        OptionSchema("solver", .choice(TrainingOptions.Solver.allCases.map(\.rawValue)), default: "adam", "solver"),
        OptionSchema("InitialLearnRate", .number(.positive), "learn rate at the start; adam 0.001, sgdm 0.01"),
        OptionSchema("MaxEpochs", .integer(1...1_000_000), default: 30, "passes over the training data"),
        OptionSchema("MiniBatchSize", .integer(1...1_000_000), default: 128, "examples in one step"),
        OptionSchema(
            "Shuffle", .choice(["never", "once", "every-epoch"]), default: "every-epoch", "when the data are shuffled"),
        OptionSchema(
            "LearnRateSchedule", .choice(["none", "piecewise", "cosine"]), default: "none",
            "how the learn rate changes with the epochs"),
        OptionSchema(
            "LearnRateDropFactor", .number(.from(0, to: 1)), default: 0.1, "factor of the piecewise schedule"),
        OptionSchema(
            "LearnRateDropPeriod", .integer(1...1_000_000), default: 10, "epochs between two drops of it"),
        OptionSchema("Momentum", .number(.from(0, below: 1)), default: 0.9, "momentum of sgdm"),
        OptionSchema("L2Regularization", .number(.notNegative), default: 0.0001, "weight decay factor"),
        OptionSchema("GradientThreshold", .number(.positive), "largest norm of the whole gradient; none if left out"),
        OptionSchema(
            "classWeights", .any([.choice(["balanced"]), .list(of: .number(.positive), minimum: 2)]),
            "weights of the classes in the loss, or balanced; equal if left out"),
        OptionSchema(
            "ValidationFrequency", .integer(1...1_000_000), "steps between two validations; once an epoch if left out"),
        OptionSchema(
            "ValidationPatience", .integer(1...1_000_000),
            "validations without a better one after which training stops; never if left out"),
        OptionSchema(
            "ObjectiveMetricName", .choice(["loss", "accuracy"]), default: "loss", "what the best validation is best in"
        ),
        OptionSchema(
            "OutputNetwork", .choice(["last-iteration", "best-validation"]), default: "last-iteration",
            "which network training gives"),
    ]

    /// The options as one mapping under a key.
    static let value = ValueSchema.object(ObjectSchema(options))

    /// Fills in what depends on other options, so that the artifact shows every value.
    static func resolved(_ settings: JSONValue) -> JSONValue {
        var settings = settings
        if settings["InitialLearnRate"] == nil {
            settings["InitialLearnRate"] = settings["solver"] == "sgdm" ? 0.01 : 0.001
        }
        return settings
    }

    /// Reports options that ask for data which are not there or do not fit them.
    ///
    /// - Parameter path: Where the training options stand in the stage's, such as `retrain`.
    static func check(
        _ options: CheckedValue, at path: String, data: DataSource, stage: StageDeclaration,
        in context: inout ResolvingContext
    ) -> Bool {
        let prefix = path.isEmpty ? "" : path + "."
        var isSound = true
        let validating = ["ValidationFrequency", "ValidationPatience", "OutputNetwork"].first {
            options[prefix + $0] != nil && options[prefix + $0] != "last-iteration"
        }
        if let validating {
            let span = options.span(at: prefix + validating)
            isSound = data.hasSplit("validation", for: "'\(validating)'", at: span, in: &context)
        }
        if let weights = options[prefix + "classWeights"]?.elements, weights.count != data.classes.count {
            context.report(
                .dataMismatch, "'classWeights' has \(weights.count) weights for \(data.classes.count) classes",
                at: options.span(at: prefix + "classWeights"),
                help: ["give one for each of " + data.classes.joined(separator: ", ")])
            isSound = false
        }
        return isSound
    }
}
