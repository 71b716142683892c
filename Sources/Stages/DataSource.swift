internal import Datasets
internal import Diagnostics
internal import Documents
internal import Foundation
internal import Networks
internal import Recipes
internal import Tensors

/// The data folder that a load stage names: described, digested and read before anything runs.
struct DataSource: Sendable {
    private let description: DatasetDescription
    private let folder: FilePath
    /// Those that the recipe chose.
    let channels: [String]
    /// What enters the key in place of the folder's path: the SHA-256 of each file, by path.
    let digests: JSONValue
    let splits: Splits
}

// MARK: - What is known before a run

extension DataSource {
    /// The shape of one case, with the channels of the recipe.
    var inputShape: Shape { Shape([channels.count] + description.input.extent) }
    /// Whether cases may be of unequal length.
    var isRagged: Bool { description.input.isRagged }
    /// The names of the classes, or of the values to predict.
    var outputs: [String] { description.task.names }
    /// The names of the classes; none if values are to be predicted.
    var classes: [String] { if case .classification(let classes) = description.task { classes } else { [] } }

    /// Whether the seed decides which example is in which split.
    var isDrawn: Bool {
        [description.validation, description.test].contains { if case .drawn = $0 { true } else { false } }
    }

    /// Whether the data set has a split; a missing one is reported.
    ///
    /// - Parameter asker: What needs the split: a stage or an option.
    func hasSplit(_ name: String, for asker: String, at span: SourceSpan?, in context: inout ResolvingContext) -> Bool {
        let exists =
            switch name {
            case "validation": description.validation != nil
            case "test": description.test != nil
            default: true
            }
        if !exists {
            context.report(
                .dataMismatch, "\(asker) needs a \(name) split, and data set '\(description.name)' has none", at: span,
                help: ["declare it under 'splits' in \(folder.appending("dataset.yaml"))"])
        }
        return exists
    }
}

// MARK: - The data

extension DataSource {
    /// The splits of the data, with the channels of the recipe.
    struct Splits: Sendable {
        let train: Dataset
        let validation: Dataset?
        let test: Dataset?

        /// - Precondition: the split is there; resolving has checked it.
        func split(_ name: String) -> Dataset {
            switch name {
            case "validation": if let validation { return validation }
            case "test": if let test { return test }
            default: return train
            }
            preconditionFailure("no \(name) split")
        }
    }

    /// Name, shape, classes and sizes, as `load` reports them.
    var summary: JSONValue {
        var sizes: [String: JSONValue] = [:]
        for (name, split) in [("train", splits.train), ("validation", splits.validation), ("test", splits.test)] {
            guard let split else { continue }
            sizes[name] = ["count": .integer(split.count)]
            if !classes.isEmpty { sizes[name]?["perClass"] = .array(split.classCounts.map { .integer($0) }) }
        }
        return [
            "name": .string(description.name), "channels": .array(channels.map { .string($0) }),
            "inputShape": .array(inputShape.dimensions.map { .integer($0) }),
            classes.isEmpty ? "targets" : "classes": .array(outputs.map { .string($0) }), "splits": .object(sizes),
        ]
    }
}

// MARK: - Resolving

extension DataSource {
    /// Reads the description of a data folder, and digests and checks its files.
    struct Reader {
        let folder: FilePath
        let span: SourceSpan?
        let channels: [String]?
        let channelsSpan: SourceSpan?
        let seed: UInt64
        /// The most bytes of examples that are held in memory.
        let memory: Int

        /// - Returns: `nil` after a diagnostic.
        func read(into diagnostics: inout DiagnosticList) -> DataSource? {
            let path = folder.appending("dataset.yaml")
            guard let data = contents(of: path, into: &diagnostics) else { return nil }
            let file = SourceFile(name: path.description, bytes: [UInt8](data))
            guard let checked = DatasetFile.schema.read(file, name: "data set", into: &diagnostics) else {
                return nil
            }
            var checker = DatasetChecker(checked)
            let description = checker.description()
            var faults = checker.diagnostics
            let chosen = channels ?? description.input.channels
            for channel in chosen where !description.input.channels.contains(channel) {
                faults.append(
                    Diagnostic(
                        .dataMismatch, "data set '\(description.name)' has no channel '\(channel)'", at: channelsSpan,
                        help: Diagnostic.help(for: channel, known: description.input.channels)))
            }
            if channels != nil, let twice = chosen.firstRepeated {
                faults.append(
                    Diagnostic(
                        .dataInvalid, "'channels' names '\(twice)' twice", at: channelsSpan, help: ["name it once"]))
            }
            var digester = DataDigester(checked: checked, folder: folder)
            if faults.isEmpty {
                digester.digest(description)
                faults = digester.diagnostics
            }
            for fault in faults { diagnostics.append(fault) }
            guard faults.isEmpty else { return nil }
            digester.digests["dataset.yaml"] = .string(Digest(of: data).hex)
            do {
                let splits = try DataSplits(
                    reading: description, in: DataFolder(folder.location), channels: chosen, seed: seed, memory: memory)
                return DataSource(
                    description: description, folder: folder, channels: chosen, digests: .object(digester.digests),
                    splits: Splits(train: splits.train, validation: splits.validation, test: splits.test))
            } catch {
                diagnostics.append(Diagnostic(.dataInvalid, "data set '\(description.name)': \(error)", at: span))
                return nil
            }
        }

        private func contents(of path: FilePath, into diagnostics: inout DiagnosticList) -> Data? {
            do {
                return try path.contents()
            } catch {
                let help = "'data' names a folder with a dataset.yaml, relative to the folder of the recipe"
                diagnostics.append(Diagnostic(.fileMissing, "\(error)", at: span, help: [help]))
                return nil
            }
        }
    }
}
