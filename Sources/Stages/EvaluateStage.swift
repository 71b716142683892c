internal import Datasets
internal import Diagnostics
internal import Documents
internal import Execution
internal import Networks
internal import Planning
internal import Recipes
internal import Training

/// `evaluate`: measures networks on data that no other stage sees, and checks requirements.
///
/// One row for each stage that it needs; the last one is gated. It changes no network.
enum EvaluateStage: StageKind {
    static let schema = StageKindSchema(
        "evaluate", "measures networks and checks requirements; the last one needed is gated",
        [
            OptionSchema(
                "metrics", .list(of: .choice(Metric.allCases.map(\.rawValue) + ["confusion"]), minimum: 1),
                "what is measured; accuracy if left out, of values rmse; confusion gives precision, recall and f1 of each "
                    + "class too; the loss is cross-entropy, of values the mean squared error"),
            TrainingSettings.topK,
            OptionSchema(
                "require",
                .object(
                    ObjectSchema(
                        RequirementCheck.metrics.map {
                            OptionSchema($0, .requirement, "bound on it, such as '>= 0.92' or '>= load - 1 points'")
                        })), "the gate: with a requirement that is not met the exit status is 3"),
            OptionSchema("split", .choice(["test", "validation", "train"]), default: "test", "the data measured on"),
            OptionSchema(
                "data", .path,
                "folder of other data of the same shape and classes to measure on; those of load if left out"),
            OptionSchema("against", .stage, "stage whose network the last one is compared with, figure by figure"),
        ])

    static let version = 2
    static let isTransparent = true

    /// What the last row is measured by, what is required of it, and its sizes.
    static func results(_ options: JSONValue) -> [String] {
        let measured = (options["metrics"]?.elements ?? []).compactMap(\.text)
        return RequirementCheck.metrics.filter {
            measured.contains($0) || options["require"]?[$0] != nil || RequirementCheck.sizes.contains($0)
        }
    }

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        guard !stage.needs.isEmpty else {
            _ = context.input(of: stage)
            return nil
        }
        let names = stage.needs + stage.options.references.map(\.stage)
        let prospects = names.compactMap { context.prospects[$0] }
        guard let last = stage.needs.last.flatMap({ context.prospects[$0] }) else { return nil }
        guard let own = context.data(of: last, for: stage), let data = otherData(of: stage, like: own, in: &context),
            prospects.allSatisfy({ context.requireTrained($0, for: stage) }),
            data.hasSplit(
                stage.options["split"]?.text ?? "test", for: "stage '\(stage.id)'",
                at: stage.options.isWritten("split") ? stage.options.span(at: "split") : stage.kindSpan, in: &context)
        else { return nil }
        var options = stage.options.value
        let isOfClasses = if case .classes = data.splits.train.targets { true } else { false }
        if options["metrics"] == nil { options["metrics"] = isOfClasses ? ["accuracy"] : ["rmse"] }
        guard checkMetrics(options, of: stage, on: data, in: &context) else { return nil }
        // Rows and requirements name stages, so the names are part of what is asked.
        var keyOptions = options
        keyOptions["needs"] = .array((stage.needs + [options["against"]?.text].compactMap { $0 }).map { .string($0) })
        if options["data"] != nil { keyOptions["data"] = data.digests }
        return Resolution(
            options: options, keyOptions: keyOptions, isRandom: options["data"] != nil && data.isDrawn, prospect: last,
            data: data)
    }

    /// The data that the option names, or those of the network.
    private static func otherData(
        of stage: StageDeclaration, like own: DataSource, in context: inout ResolvingContext
    ) -> DataSource? {
        guard let folder = stage.options["data"]?.text else { return own }
        let span = stage.options.span(at: "data")
        let reader = DataSource.Reader(
            folder: context.path(folder), span: span, channels: own.channels, channelsSpan: span,
            seed: UInt64(context.recipe.seed), memory: context.inputs.dataMemory)
        guard let other = context.inputs.data(reader, into: &context.diagnostics) else { return nil }
        func fault(_ what: String, _ theirs: String, _ ours: String) -> DataSource? {
            context.report(
                .dataMismatch, "the \(what) of the data are \(theirs), and those of load's \(ours)", at: span,
                help: ["name a folder of data of the same kind"])
            return nil
        }
        if other.inputShape != own.inputShape {
            return fault("shapes", "\(other.inputShape)", "\(own.inputShape)")
        }
        if other.outputs != own.outputs || other.classes != own.classes {
            return fault(
                other.classes.isEmpty ? "targets" : "classes", other.outputs.joined(separator: ", "),
                own.outputs.joined(separator: ", "))
        }
        return other
    }

    /// Whether the data have what the metrics are of.
    private static func checkMetrics(
        _ options: JSONValue, of stage: StageDeclaration, on data: DataSource, in context: inout ResolvingContext
    ) -> Bool {
        var isSound = true
        let measured = (options["metrics"]?.elements ?? []).enumerated().map { ("metrics.\($0)", $1.text ?? "") }
        let required = RequirementCheck.metrics.filter { options["require"]?[$0] != nil }.map { ("require.\($0)", $0) }
        for (path, name) in measured + required {
            // The matrix is of classes as the accuracy is.
            let metric = Metric(rawValue: name) ?? (name == "confusion" ? .accuracy : nil)
            let train = data.splits.train
            let fault = metric?.fault(
                on: train.targets, named: train.name, topK: options["topK"]?.whole ?? 5, option: path, asked: name)
            guard let fault else { continue }
            let isWritten = stage.options.isWritten(path)
            context.report(
                .dataMismatch, fault.message,
                at: isWritten ? stage.options.keySpan(at: path) : stage.kindSpan, help: fault.help.map { [$0] } ?? [])
            isSound = false
        }
        return isSound
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        let options = work.specification.options
        let metrics = options["metrics"]?.elements?.compactMap(\.text) ?? []
        let data = environment.data.split(options["split"]?.text ?? "test")
        var networks = MeasuredNetworks(from: work.checkpointing.load())
        var measured: [String: RowMeasurement] = [:]
        var rows: [RowMeasurement] = []
        for (index, input) in work.inputs.enumerated() {
            let name = index < work.specification.needs.count ? work.specification.needs[index] : input.id
            work.report(
                StageProgress(fraction: Double(index) / Double(work.inputs.count), what: "measuring \(name)"))
            let row =
                try measured[input.id]
                ?? RowMeasurement(
                    of: input, on: data, topK: options["topK"]?.whole ?? 5, in: environment,
                    earlier: networks.evaluation(of: input.id, on: data)
                ) { try networks.check(work) }
            measured[input.id] = row
            networks.add(row.evaluation, of: input.id)
            try networks.check(work, unitEnded: true)
            if input.role == "network" { rows.append(row) }
        }
        guard let gated = rows.last else { preconditionFailure("evaluate needs a stage") }

        var result: JSONValue = [
            "rows": .array(
                zip(work.specification.needs, rows).map { name, row -> JSONValue in
                    [
                        "need": .string(name), "network": row.network, "fileBytes": .integer(row.fileBytes),
                        "metrics": row.metricsJSON(metrics),
                    ]
                })
        ]
        if let name = options["against"]?.text, let input = work.input("against"), let earlier = measured[input.id] {
            result["comparison"] = RowComparison.json(of: gated, against: earlier, named: name, metrics: metrics)
        }
        if metrics.contains("confusion") {
            result["confusion"] = [
                "labels": .array(data.classes.map { .string($0) }),
                "counts": .array(gated.evaluation.confusion.map { .array($0.map { .integer($0) }) }),
            ]
            result["classes"] = .array(
                data.classes.indices.map { index -> JSONValue in
                    [
                        "label": .string(data.classes[index]),
                        "precision": gated.evaluation.precision[index].map { .number($0) } ?? .null,
                        "recall": gated.evaluation.recall[index].map { .number($0) } ?? .null,
                        "f1": gated.evaluation.f1[index].map { .number($0) } ?? .null,
                    ]
                })
        }
        var requirementsMet = true
        var requirements: [JSONValue] = []
        for metric in RequirementCheck.metrics {
            guard let text = options["require"]?[metric]?.text else { continue }
            let (row, isMet) = RequirementCheck.row(
                metric: metric, requirement: try Requirement(text), gated: gated,
                reference: work.input("require.\(metric)").flatMap { measured[$0.id] })
            requirements.append(row)
            requirementsMet = requirementsMet && isMet
        }
        result["requirements"] = .array(requirements)
        return StageOutcome(result: result, requirementsMet: requirementsMet)
    }
}
