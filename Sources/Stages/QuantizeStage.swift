internal import Compression
internal import Datasets
internal import Diagnostics
internal import Documents
internal import Execution
internal import Interchange
internal import Networks
internal import Planning
internal import Recipes
internal import Training

/// `quantize`: brings a network to 8-bit integers, or its parameters to 16-bit floating-point numbers.
enum QuantizeStage: StageKind {
    static let schema = StageKindSchema(
        "quantize", "brings a network to 8-bit integers, or its parameters to bfloat16",
        [
            OptionSchema(
                "type", .choice(["int8", "bfloat16"]), default: "int8",
                "type of weights and activations; bfloat16 is of parameters alone, and takes no option but prepare"),
            OptionSchema(
                "prepare", .list(of: .choice(QuantizationOptions.Preparation.allCases.map(\.rawValue)), minimum: 0),
                default: ["unpack", "fold", "equalize"], "steps before it that change no output"),
            OptionSchema(
                "calibration",
                .object(
                    ObjectSchema([
                        OptionSchema(
                            "method", .choice(CalibrationMethod.allCases.map(\.rawValue)), default: "minmax",
                            "what integers cover: all values, all but a share at either end, or up to the magnitude of "
                                + "least squared error or least divergence"),
                        OptionSchema(
                            "percentile", .number(.from(50, to: 100)),
                            "how much the method percentile covers; 99.99 if left out"),
                        OptionSchema(
                            "samples", .integer(1...1_000_000), "training examples to look at; all if left out"),
                    ])), default: [:], "how the ranges of activations are found"),
            OptionSchema(
                "scaling", .choice(QuantizationScheme.Scaling.allCases.map(\.rawValue)), default: "affine",
                "what one integer step is worth: any number, or a power of two"),
            OptionSchema(
                "granularity", .choice(QuantizationScheme.Granularity.allCases.map(\.rawValue)), default: "channel",
                "whether a scale belongs to a filter's weights or to all of a layer"),
            OptionSchema(
                "repair", .list(of: .choice(QuantizationOptions.Repair.allCases.map(\.rawValue)), minimum: 0),
                default: [],
                "what mends what rounding costs, always in this order: weights rounded up or down so that outputs change "
                    + "least, biases that take up mean errors, training as the integers that they will be"),
            OptionSchema("adaRound", .object(adaRound), default: [:], "of the repair adaRound"),
            OptionSchema("finetune", TrainingSettings.value, default: [:], "training options of the repair finetune"),
            OptionSchema(
                "keepFloat", .oneOrMany(.layerPattern), "layers that keep float32 parameters and compute in float32"),
        ])

    private static let adaRound = ObjectSchema([
        OptionSchema("iterations", .integer(1...1_000_000), default: 2_000, "steps of the optimization of each layer")
    ])

    /// What is of int8 alone.
    private static let integerOptions = [
        "calibration", "scaling", "granularity", "repair", "adaRound", "finetune", "keepFloat",
    ]

    static let version = 3

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        guard var prospect = context.input(of: stage), context.requireTrained(prospect, for: stage) else { return nil }
        if prospect.form.isQuantized {
            _ = context.requirePlain(prospect, for: stage)
            return nil
        }
        var options = stage.options.value
        if options["type"] == "bfloat16" {
            if let written = integerOptions.first(where: stage.options.isWritten) {
                context.report(
                    .conflictingOptions, "'\(written)' is of the type int8 alone, and the type is bfloat16",
                    at: stage.options.keySpan(at: written), help: ["leave it out"])
                return nil
            }
            for option in integerOptions { options[option] = nil }
            prospect.form = .bfloat16
            return Resolution(options: options, prospect: prospect)
        }
        guard let data = context.data(of: prospect, for: stage), fillOptions(&options, of: stage, in: &context) else {
            return nil
        }
        if let settings = options["finetune"] {
            let resolved = TrainingSettings.resolved(settings, for: prospect)
            options["finetune"] = resolved
            guard
                TrainingSettings.check(resolved, at: "finetune", of: stage, for: prospect, data: data, in: &context)
            else { return nil }
        }
        if prospect.form == .projected, stage.options["prepare"]?.elements?.contains("unpack") == false {
            context.report(
                .stageOrder, "stage '\(stage.id)' takes projected layers, and its 'prepare' does not unpack them",
                at: stage.options.span(at: "prepare"), help: ["add 'unpack' to 'prepare'"])
            return nil
        }
        guard checkLayers(of: prospect, options, stage, in: &context) else { return nil }
        prospect.form = .int8
        return Resolution(options: options, isRandom: options["finetune"] != nil, prospect: prospect)
    }

    /// Fills in what depends on other options, and reports options without effect.
    private static func fillOptions(
        _ options: inout JSONValue, of stage: StageDeclaration, in context: inout ResolvingContext
    ) -> Bool {
        let repairs = Set((options["repair"]?.elements ?? []).compactMap(\.text))
        let isPercentile = options.value(at: "calibration.method") == "percentile"
        for (path, isOf, what, remedy) in [
            (
                "calibration.percentile", isPercentile, "the calibration method 'percentile'",
                "add 'method: percentile'"
            ),
            ("adaRound", repairs.contains("adaRound"), "the repair 'adaRound'", "add it to 'repair'"),
            ("finetune", repairs.contains("finetune"), "the repair 'finetune'", "add it to 'repair'"),
        ] where !isOf && stage.options.isWritten(path) {
            context.report(
                .conflictingOptions, "'\(path.split(separator: ".").last ?? "")' is of \(what) alone",
                at: stage.options.keySpan(at: path), help: ["\(remedy), or leave it out"])
            return false
        }
        if isPercentile, options.value(at: "calibration.percentile") == nil {
            options["calibration"]?["percentile"] = 99.99
        }
        for repair in ["adaRound", "finetune"] where !repairs.contains(repair) { options[repair] = nil }
        return true
    }

    /// Whether every layer has an integer form, which does not depend on its weights, and every pattern a layer.
    private static func checkLayers(
        of prospect: Prospect, _ options: JSONValue, _ stage: StageDeclaration, in context: inout ResolvingContext
    ) -> Bool {
        let trial = prospect.network.initialized(seed: 0, stream: "trial")
        do {
            // Equalizing changes weights alone.
            let prepared = Quantizer.prepare(trial, steps: preparation(options).filter { $0 != .equalize })
            // The layers that a projection makes have other names.
            var patterns = keptFloat(options)
            if prospect.form == .plain, prospect.isStructureKnown {
                let names = prepared.nodes.filter { !$0.inputs.isEmpty }.map(\.name)
                guard
                    context.requireMatches(stage, of: "keepFloat", among: names, that: "can be kept in float32")
                else { return false }
            } else {
                patterns = patterns.filter { pattern in
                    prepared.nodes.contains { LayerPattern(pattern).matches($0.name) }
                }
            }
            let names = try LayerPattern.select(patterns, from: prepared.nodes.map(\.name), that: "is there")
            _ = try ScaleSharing(of: prepared, keepFloat: Set(names))
            return true
        } catch {
            context.report(.networkInvalid, "stage '\(stage.id)': \(error)", at: stage.kindSpan)
            return false
        }
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        let options = work.specification.options
        let network = try StageNetwork.float(work)
        guard options["type"] != "bfloat16" else { return try roundToBFloat16(network, preparation(options)) }
        var data = environment.data.train
        if let samples = options.value(at: "calibration.samples")?.whole, samples < data.count {
            data = data.rows((0..<samples).map { $0 * data.count / samples })
        }
        var quantization = QuantizationOptions(
            prepare: preparation(options), calibration: calibration(options), scheme: try options.decode(),
            keepFloat: keptFloat(options), repair: try options["repair"]?.decode() ?? [])
        quantization.adaRoundIterations = options.value(at: "adaRound.iterations")?.whole ?? 2_000
        let training = try options["finetune"].map { settings in
            RepairTraining(
                options: try settings.decode(), data: environment.data.train, validation: environment.data.validation,
                teacher: try StageNetwork.teacher(work, of: "finetune"), seed: environment.situation.seed,
                stream: environment.situation.stream)
        }
        work.report(StageProgress(fraction: 0, what: "calibrating on \(data.count) examples"))
        let result = try Quantizer.quantize(
            network, calibration: data, options: quantization, pool: environment.pool, training: training,
            monitor: CompressionMonitor(work), from: work.checkpointing.load())
        var json: JSONValue = [
            "network": StageNetwork.int8(result.network).json,
            "layers": .array(try result.layers.map { try JSONValue(encoding: $0) }),
            "quantizationDetails": try JSONValue(encoding: result.details),
        ]
        if training != nil { json["finetune"] = .array(result.finetuning.map(\.json)) }
        return StageOutcome(
            result: json, outputs: [StageNetwork.fileName: QuantizedNetworkFile.encode(result.network)])
    }

    private static func roundToBFloat16(
        _ network: Network, _ preparation: [QuantizationOptions.Preparation]
    ) throws -> StageOutcome {
        let prepared = Quantizer.prepare(network, steps: preparation)
        return StageOutcome(
            result: [
                "network": StageNetwork.bfloat16(prepared).json,
                "quantizationDetails": try JSONValue(
                    encoding: QuantizationDetails(bfloat16: prepared, from: network)),
            ],
            outputs: [StageNetwork.fileName: NetworkFile.encode(prepared, as: .bfloat16)])
    }

    private static func keptFloat(_ options: JSONValue) -> [String] {
        options["keepFloat"]?.elements?.compactMap(\.text) ?? []
    }

    private static func calibration(_ options: JSONValue) -> CalibrationOptions {
        var calibration = CalibrationOptions()
        let method = options.value(at: "calibration.method")?.text
        calibration.method = method.flatMap(CalibrationMethod.init) ?? .minmax
        calibration.percentile = options.value(at: "calibration.percentile")?.double ?? calibration.percentile
        return calibration
    }

    private static func preparation(_ options: JSONValue) -> [QuantizationOptions.Preparation] {
        (options["prepare"]?.elements ?? []).compactMap { $0.text.flatMap(QuantizationOptions.Preparation.init) }
    }
}
