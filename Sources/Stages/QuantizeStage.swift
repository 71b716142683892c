internal import Compression
internal import Datasets
internal import Diagnostics
internal import Documents
internal import Execution
internal import Networks
internal import Planning
internal import Recipes

/// `quantize`: brings a network to 8-bit integers and measures nothing in float afterwards.
enum QuantizeStage: StageKind {
    static let schema = StageKindSchema(
        "quantize", "brings a network to 8-bit integers",
        [
            OptionSchema("type", .choice(["int8"]), default: "int8", "type of weights and activations"),
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
        ])

    static let version = 2

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        guard var prospect = context.input(of: stage), context.data(of: prospect, for: stage) != nil,
            context.requireTrained(prospect, for: stage)
        else { return nil }
        if prospect.form == .int8 {
            _ = context.requirePlain(prospect, for: stage)
            return nil
        }
        var options = stage.options.value
        if options.value(at: "calibration.method") == "percentile" {
            if options.value(at: "calibration.percentile") == nil { options["calibration"]?["percentile"] = 99.99 }
        } else if stage.options.isWritten("calibration.percentile") {
            context.report(
                .conflictingOptions, "'percentile' is of the calibration method 'percentile' alone",
                at: stage.options.keySpan(at: "calibration.percentile"),
                help: ["add 'method: percentile', or leave it out"])
            return nil
        }
        if prospect.form == .projected, stage.options["prepare"]?.elements?.contains("unpack") == false {
            context.report(
                .stageOrder, "stage '\(stage.id)' takes projected layers, and its 'prepare' does not unpack them",
                at: stage.options.span(at: "prepare"), help: ["add 'unpack' to 'prepare'"])
            return nil
        }
        do {
            // Whether every layer has an integer form does not depend on its weights.
            let trial = prospect.network.initialized(seed: 0, stream: "trial")
            _ = try ScaleSharing(of: Quantizer.prepare(trial, steps: preparation(stage.options.value)))
        } catch {
            context.report(.networkInvalid, "stage '\(stage.id)': \(error)", at: stage.kindSpan)
            return nil
        }
        prospect.form = .int8
        return Resolution(options: options, prospect: prospect)
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        let options = work.specification.options
        var data = environment.data.train
        if let samples = options.value(at: "calibration.samples")?.whole, samples < data.count {
            data = data.rows((0..<samples).map { $0 * data.count / samples })
        }
        work.report(StageProgress(fraction: 0, what: "calibrating on \(data.count) examples"))
        let result = try Quantizer.quantize(
            try StageNetwork.float(work), calibration: data,
            options: QuantizationOptions(
                prepare: preparation(options), calibration: calibration(options), scheme: try options.decode()),
            pool: environment.pool, checkCancellation: { try work.checkCancellation() })
        return StageOutcome(
            result: [
                "network": StageNetwork.int8(result.network).json,
                "layers": .array(try result.layers.map { try JSONValue(encoding: $0) }),
            ],
            outputs: [StageNetwork.fileName: QuantizedNetworkFile.encode(result.network)])
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
