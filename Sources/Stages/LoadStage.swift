internal import Compression
internal import Datasets
internal import Diagnostics
internal import Documents
internal import Execution
internal import Interchange
internal import Networks
internal import Recipes
internal import Tensors

/// `load`: reads a network and says which data the stages after it use.
enum LoadStage: StageKind {
    static let schema = StageKindSchema(
        "load", "reads a network and names its data",
        [
            OptionSchema("network", .path, .required, "network file of pare, or a YAML architecture"),
            OptionSchema("data", .path, "folder with a dataset.yaml"),
            OptionSchema("channels", .oneOrMany(.text), "channels of the data to use; all if left out"),
        ], groups: [.needs("channels", "data")])

    static let version = 2
    static let isSource = true

    static func resolve(_ stage: StageDeclaration, in context: inout ResolvingContext) -> Resolution? {
        let options = stage.options
        let source = context.inputs.network(
            context.path(options["network"]?.text ?? ""), at: options.span(at: "network"), into: &context.diagnostics)
        var data: DataSource?
        if let folder = options["data"]?.text {
            let reader = DataSource.Reader(
                folder: context.path(folder), span: options.span(at: "data"),
                channels: options["channels"]?.elements?.compactMap(\.text),
                channelsSpan: options.span(at: "channels"), seed: UInt64(context.recipe.seed),
                memory: context.inputs.dataMemory)
            data = context.inputs.data(reader, into: &context.diagnostics)
            guard data != nil else { return nil }
        }
        guard let source, fits(source.network, data, stage, &context) else { return nil }

        var keyOptions = options.value
        keyOptions["network"] = .string(source.digest.hex)
        keyOptions["data"] = data?.digests
        return Resolution(
            options: options.value, keyOptions: keyOptions, isRandom: data?.isDrawn ?? false,
            prospect: Prospect(
                network: source.network.architecture, smallest: source.network.architecture,
                form: source.network.isProjected ? .projected : .plain,
                isTrained: source.network.hasLearnables,
                loadedTotalParameters: source.network.counts.totalParameters, data: data),
            source: source)
    }

    static func run(_ work: StageWork, in environment: StageEnvironment) throws -> StageOutcome {
        guard let source = environment.situation.source else { preconditionFailure("a load stage has a source") }
        var result: JSONValue = ["network": NetworkResult.json(of: source.network)]
        if let data = environment.situation.data { result["data"] = data.summary }
        return StageOutcome(result: result, outputs: [StageNetwork.fileName: NetworkFile.encode(source.network)])
    }

    /// Whether one case of the data is what the network takes, and its targets what the network gives at its last output.
    private static func fits(
        _ network: Network, _ data: DataSource?, _ stage: StageDeclaration, _ context: inout ResolvingContext
    ) -> Bool {
        guard let data else { return true }
        let span = stage.options.span(at: "data")
        guard network.inputs.count == 1, let input = network.inputs.first, let shape = network.shape(of: input.name),
            let output = network.outputs.last, let outputs = network.shape(of: output.name)
        else {
            context.report(
                .dataMismatch, "the network has \(network.inputs.count) inputs", at: span,
                help: ["a data set feeds one input"])
            return false
        }
        if shape != data.inputShape {
            context.report(
                .dataMismatch,
                "the network's input '\(input.name)' takes \(shape), and a case of the data is \(data.inputShape)",
                at: span,
                help: [
                    shape.dimensions.last == data.inputShape.dimensions.last
                        ? "choose other channels with 'channels', or load another network"
                        : "load a network for cases of \(data.inputShape.dimensions.last ?? 0) steps, or other data"
                ])
            return false
        }
        do {
            for split in [data.splits.train, data.splits.validation, data.splits.test] {
                if let steps = split?.steps { try network.check(steps: steps) }
            }
        } catch {
            context.report(
                .dataMismatch, "data set '\(data.splits.train.name)' has sequences of unequal length: \(error)",
                at: span)
            return false
        }
        // One output tells two classes apart.
        let isBinary = data.classes.count == 2 && outputs == [1]
        if outputs != [data.outputs.count], !isBinary {
            let noun = data.classes.isEmpty ? "value\(data.outputs.count == 1 ? "" : "s") to predict" : "classes"
            context.report(
                .dataMismatch,
                "the network gives \(outputs) at '\(output.name)', and the data have "
                    + "\(data.outputs.count) \(noun): \(data.outputs.joined(separator: ", "))", at: span,
                help: ["load a network with \(data.outputs.count) outputs, or other data"])
            return false
        }
        return true
    }
}

extension Network {
    /// Whether every learnable and state has values; constants may still be missing.
    var hasLearnables: Bool {
        specifications.allSatisfy { $0.specification.role == .constant || parameters[$0.name] != nil }
    }
}
