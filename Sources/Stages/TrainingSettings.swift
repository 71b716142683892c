internal import Datasets
internal import Diagnostics
internal import Documents
internal import Networks
internal import Recipes
internal import Training

/// The training options of a recipe, with the names and defaults of `trainingOptions` of the field's toolbox.
enum TrainingSettings {
    /// The options, as they stand in `train`, `finetune` and `retrain`.
    static let options: [OptionSchema] = [
        OptionSchema("solver", .choice(TrainingOptions.Solver.allCases.map(\.rawValue)), default: "adam", "solver"),
        OptionSchema(
            "InitialLearnRate", .number(.positive), "learn rate at the start; 0.001 if left out, of sgdm 0.01"),
        OptionSchema("MaxEpochs", .integer(1...1_000_000), default: 30, "passes over the training data"),
        OptionSchema("MiniBatchSize", .integer(1...1_000_000), default: 128, "examples in one step"),
        OptionSchema(
            "Shuffle", .choice(["never", "once", "every-epoch"]), default: "every-epoch", "when the data are shuffled"),
        OptionSchema(
            "groupByLength", .boolean, default: true,
            "whether shuffled batches hold sequences of similar length, where lengths differ"),
        OptionSchema(
            "augmentation", .object(augmentation), "how training examples are changed at random; not if left out"),
        OptionSchema(
            "LearnRateSchedule", .choice(["none", "piecewise", "cosine"]), default: "none",
            "how the learn rate changes with the epochs"),
        OptionSchema(
            "LearnRateDropFactor", .number(.from(0, to: 1)), default: 0.1, "factor of the piecewise schedule"),
        OptionSchema(
            "LearnRateDropPeriod", .integer(1...1_000_000), default: 10, "epochs between two drops of it"),
        OptionSchema(
            "warmupEpochs", .number(.notNegative), default: 0,
            "epochs, or a part of one, in which the learn rate grows step by step to that of the schedule"),
        OptionSchema("Momentum", .number(.from(0, below: 1)), default: 0.9, "momentum of sgdm"),
        OptionSchema(
            "GradientDecayFactor", .number(.from(0, below: 1)), default: 0.9,
            "how much of the mean of the gradients stays; of adam and adamw"),
        OptionSchema(
            "SquaredGradientDecayFactor", .number(.from(0, below: 1)),
            "how much of the mean of their squares stays; 0.999 if left out, of rmsprop 0.9"),
        OptionSchema(
            "Epsilon", .number(.positive), default: 1e-8, "added to the root of that mean; of all solvers but sgdm"),
        OptionSchema(
            "L2Regularization", .number(.notNegative),
            "added to the gradient times the weight, of all but biases; of adamw taken from the weight, times learn rate "
                + "and weight; 0.0001 if left out, of adamw 0.01"),
        OptionSchema("GradientThreshold", .number(.positive), "what gradients may reach; no bound if left out"),
        OptionSchema(
            "GradientThresholdMethod", .choice(TrainingOptions.ThresholdMethod.allCases.map(\.rawValue)),
            default: "global-l2norm",
            "what it bounds: the norm of the whole gradient, that of each learnable's, or each element"),
        OptionSchema(
            "loss", .choice(LossFunction.Kind.allCases.map(\.rawValue)),
            "what is minimized; of classes crossEntropy if left out (binaryCrossEntropy, if the network has one output or "
                + "ends in a sigmoid), of values mse"),
        OptionSchema(
            "classWeights", .any([.choice(["balanced"]), .list(of: .number(.positive), minimum: 2)]),
            "weights of the classes in the loss, or balanced; equal if left out"),
        OptionSchema(
            "labelSmoothing", .number(.from(0, below: 1)), default: 0,
            "share of a label that is spread evenly over the classes"),
        OptionSchema(
            "huberDelta", .number(.positive), default: 1, "error from which on the loss huber is linear"),
        teacher,
        OptionSchema(
            "temperature", .number(.positive),
            "by what the logits of teacher and student are divided; 4 if left out; of classes"),
        OptionSchema(
            "alpha", .number(.from(0, to: 1)),
            "share of the teacher's loss, the rest is that of the targets; 0.5 if left out"
        ),
        OptionSchema(
            "ValidationFrequency", .integer(1...1_000_000), "steps between two validations; once an epoch if left out"),
        OptionSchema(
            "ValidationPatience", .integer(1...1_000_000),
            "validations without a better one after which training stops; never if left out"),
        OptionSchema(
            "Metrics", .list(of: .choice(Metric.allCases.map(\.rawValue)), minimum: 1),
            "what is measured at each validation beside loss and accuracy (of values, rmse)"),
        topK,
        OptionSchema(
            "ObjectiveMetricName", .choice(Metric.allCases.map(\.rawValue)), default: "loss",
            "what the best validation is best in"),
        OptionSchema(
            "OutputNetwork", .choice(["last-iteration", "best-validation"]), default: "last-iteration",
            "which network training gives"),
    ]

    /// The stage whose network teaches.
    static let teacher = OptionSchema(
        "teacher", .stage, "the stage whose float32 network teaches: its outputs are learned beside the targets")

    /// What of an example is changed; drawn by seed, epoch and example.
    private static let augmentation = ObjectSchema([
        OptionSchema(
            "RandomCropPadding", .integer(0...10_000), default: 0,
            "pixels or steps of zeros around an example, of which a part of the old size is cut out"),
        OptionSchema("RandomHorizontalFlip", .boolean, default: false, "mirrors images left to right half of the time"),
        OptionSchema("RandomVerticalFlip", .boolean, default: false, "mirrors images top to bottom half of the time"),
        OptionSchema(
            "RandomShift", .integer(0...10_000), default: 0, "most pixels or steps that an example is moved either way"),
        OptionSchema(
            "RandomScale", .number(.from(0, to: 1)), default: 0, "most by which values grow or shrink, as a share"),
        OptionSchema("NoiseDeviation", .number(.notNegative), default: 0, "deviation of the noise added to each value"),
    ])

    /// The `k` of the metric `topK`, in training and in `evaluate`.
    static let topK = OptionSchema(
        "topK", .integer(1...1_000_000), default: 5, "among how many of the highest scores the metric topK looks")

    /// The options as one mapping under a key.
    static let value = ValueSchema.object(ObjectSchema(options))

    /// Fills in what depends on other options, on the data and on the network, so that the artifact shows every value.
    static func resolved(_ settings: JSONValue, for prospect: Prospect) -> JSONValue {
        var settings = settings
        let solver = settings["solver"]?.text
        func fill(_ name: String, _ value: JSONValue) { if settings[name] == nil { settings[name] = value } }
        fill("InitialLearnRate", solver == "sgdm" ? 0.01 : 0.001)
        fill("SquaredGradientDecayFactor", solver == "rmsprop" ? 0.9 : 0.999)
        fill("L2Regularization", solver == "adamw" ? 0.01 : 0.0001)
        fill("Metrics", .array([]))
        if settings["teacher"] != nil { fill("alpha", .number(TrainingOptions.defaultAlpha)) }
        if let data = prospect.data {
            let loss = LossFunction.Kind.usual(for: data.splits.train.targets, of: prospect.network)
            fill("loss", .string(loss.rawValue))
            if settings["teacher"] != nil, ["crossEntropy", "binaryCrossEntropy"].contains(settings["loss"]?.text) {
                fill("temperature", .number(TrainingOptions.defaultTemperature))
            }
        }
        return settings
    }

    /// Reports options that ask for data which are not there, or that do not fit data and network.
    ///
    /// - Parameters:
    ///   - settings: The resolved options.
    ///   - path: Where the training options stand in the stage's, such as `retrain`.
    static func check(
        _ settings: JSONValue, at path: String, of stage: StageDeclaration, for prospect: Prospect, data: DataSource,
        in context: inout ResolvingContext
    ) -> Bool {
        let (options, prefix) = (stage.options, path.isEmpty ? "" : path + ".")
        var isSound = true
        let validating = ["ValidationFrequency", "ValidationPatience", "OutputNetwork", "Metrics"].first {
            options[prefix + $0] != nil && options[prefix + $0] != "last-iteration"
        }
        if let validating {
            let span = options.span(at: prefix + validating)
            isSound = data.hasSplit("validation", for: "'\(validating)'", at: span, in: &context)
        }
        var teacher: Network?
        if let stage = settings["teacher"]?.text, let teaching = context.prospects[stage] {
            guard context.requireTeacher(teaching, stage: stage, at: options.span(at: prefix + "teacher")) else {
                return false
            }
            teacher = teaching.network
        }
        do {
            try Trainer.check(
                prospect.network, data: data.splits.train, options: settings.decode(TrainingOptions.self),
                teacher: teacher)
        } catch let error as TrainingError {
            context.report(
                .dataMismatch, error.message,
                at: error.option.map { options.span(at: prefix + $0) } ?? stage.kindSpan,
                help: error.help.map { [$0] } ?? [])
            isSound = false
        } catch {
            preconditionFailure("checked options are no training options: \(error)")
        }
        return isSound
    }
}

extension ResolvingContext {
    /// Reports a teacher that cannot compute in float32.
    fileprivate mutating func requireTeacher(_ prospect: Prospect, stage: String, at span: SourceSpan?) -> Bool {
        let fault =
            prospect.form.isQuantized
            ? "is in \(prospect.form.rawValue), and a teacher computes in float32"
            : prospect.isTrained ? nil : "has no weights yet"
        guard let fault else { return true }
        report(
            .stageOrder, "the network of '\(stage)' \(fault)", at: span,
            help: ["name a stage before quantize whose network is trained"])
        return false
    }
}
