internal import Datasets
internal import Diagnostics
internal import Documents
internal import Foundation
internal import Networks
internal import RecipeSyntax
internal import Recipes
internal import Tensors

/// The data folder that a load stage names: described, digested and read before anything runs.
struct DataSource: Sendable {
    private let description: DatasetDescription
    private let folder: FilePath
    private let channels: [String]
    /// What enters the key in place of the folder's path: the SHA-256 of each file, by path.
    let digests: JSONValue
    let splits: Splits
}

// MARK: - What is known before a run

extension DataSource {
    var inputShape: Shape { [channels.count, description.input.steps] }
    var classes: [String] { description.labels }

    /// Whether the seed decides which example is in which split.
    var isDrawn: Bool { if case .drawn = description.validation { true } else { false } }

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
            sizes[name] = [
                "count": .integer(split.count), "perClass": .array(split.classCounts.map { .integer($0) }),
            ]
        }
        return [
            "name": .string(description.name), "channels": .array(channels.map { .string($0) }),
            "inputShape": .array(inputShape.dimensions.map { .integer($0) }),
            "classes": .array(classes.map { .string($0) }), "splits": .object(sizes),
        ]
    }
}

// MARK: - Resolving

extension DataSource {
    /// Reads the description of a data folder and digests its files.
    struct Reader {
        let folder: FilePath
        let span: SourceSpan?
        let channels: [String]?
        let channelsSpan: SourceSpan?
        let seed: UInt64

        /// - Returns: `nil` after a diagnostic.
        func read(into diagnostics: inout DiagnosticList) -> DataSource? {
            let path = folder.appending("dataset.yaml")
            let help = "'data' names a folder with a dataset.yaml, relative to the folder of the recipe"
            guard let data = contents(of: path, at: span, help: help, into: &diagnostics) else { return nil }
            let file = SourceFile(name: path.description, bytes: [UInt8](data))
            guard let checked = DatasetFile.schema.read(file, name: "data set", into: &diagnostics) else {
                return nil
            }
            let description = DatasetDescription(checked)
            let chosen = channels ?? description.input.channels
            var isSound = true
            for channel in chosen where !description.input.channels.contains(channel) {
                diagnostics.append(
                    Diagnostic(
                        .dataMismatch, "data set '\(description.name)' has no channel '\(channel)'", at: channelsSpan,
                        help: Diagnostic.help(for: channel, known: description.input.channels)))
                isSound = false
            }
            if let twice = chosen.firstRepeated {
                diagnostics.append(
                    .repeated(
                        "channels", twice, at: channels == nil ? checked.span(at: "input.channels") : channelsSpan))
                isSound = false
            }
            if let twice = description.labels.firstRepeated {
                diagnostics.append(.repeated("labels", twice, at: checked.span(at: "labels")))
                isSound = false
            }
            var files: [String: Data] = [:]
            var digests: [String: JSONValue] = ["dataset.yaml": .string(Digest(of: data).hex)]
            for split in ["train", "validation", "test"] {
                guard let path = checked["splits.\(split).file"]?.text else { continue }
                let span = checked.span(at: "splits.\(split).file")
                let filePath = folder.appending(path)
                let help = "'file' is relative to the folder of dataset.yaml"
                guard let data = contents(of: filePath, at: span, help: help, into: &diagnostics) else {
                    isSound = false
                    continue
                }
                let digest = Digest(of: data)
                files[path] = data
                digests[path] = .string(digest.hex)
                if let expected = checked["splits.\(split).sha256"]?.text, expected != digest.hex {
                    diagnostics.append(
                        Diagnostic(
                            .dataInvalid, "'\(path)' has another SHA-256 than the data set says: \(digest.hex)",
                            at: checked.span(at: "splits.\(split).sha256"),
                            help: ["restore the file, or write its new digest if the change was meant"]))
                    isSound = false
                }
            }
            guard isSound else { return nil }
            do {
                let splits = try DataSplits(reading: description, seed: seed) { files[$0.path] ?? Data() }
                    .selecting(channels: chosen)
                return DataSource(
                    description: description, folder: folder, channels: chosen, digests: .object(digests),
                    splits: Splits(train: splits.train, validation: splits.validation, test: splits.test))
            } catch {
                diagnostics.append(Diagnostic(.dataInvalid, "data set '\(description.name)': \(error)", at: span))
                return nil
            }
        }

        private func contents(
            of path: FilePath, at span: SourceSpan?, help: String, into diagnostics: inout DiagnosticList
        ) -> Data? {
            do {
                return try path.contents()
            } catch {
                diagnostics.append(Diagnostic(.fileMissing, "\(error)", at: span, help: [help]))
                return nil
            }
        }
    }
}

extension Diagnostic {
    fileprivate static func repeated(_ list: String, _ name: String, at span: SourceSpan?) -> Diagnostic {
        Diagnostic(.dataInvalid, "'\(list)' names '\(name)' twice", at: span, help: ["name it once"])
    }
}

extension [String] {
    /// The first element that stood before.
    fileprivate var firstRepeated: String? {
        enumerated().first { self[..<$0.offset].contains($0.element) }?.element
    }
}

extension DatasetDescription {
    /// The description that a checked dataset.yaml gives.
    fileprivate init(_ checked: CheckedValue) {
        func text(_ path: String) -> String { checked[path]?.text ?? "" }
        func texts(_ path: String) -> [String] { checked[path]?.elements?.compactMap(\.text) ?? [] }
        func file(_ split: String) -> File? {
            guard let path = checked["splits.\(split).file"]?.text,
                let format = Format(rawValue: text("splits.\(split).format"))
            else { return nil }
            return File(path: path, format: format)
        }
        var validation: Validation?
        if let own = file("validation") {
            validation = .file(own)
        } else if let fraction = checked["splits.validation.fraction"]?.double {
            // Exact to a millionth: 20 % is 200,000 of 1,000,000.
            validation = .drawn(
                fraction: Fraction(Int((fraction * 1_000_000).rounded()), of: 1_000_000),
                stratified: checked["splits.validation.stratified"]?.flag ?? true)
        }
        self.init(
            name: text("name"), labels: texts("labels"),
            input: Input(
                channels: texts("input.channels"), steps: checked["input.steps"]?.whole ?? 0,
                unit: checked["input.unit"]?.text),
            train: file("train") ?? File(path: "", format: .ts), validation: validation, test: file("test"))
    }
}
