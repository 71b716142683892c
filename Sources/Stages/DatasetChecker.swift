internal import Datasets
internal import Diagnostics
internal import Documents
internal import Recipes

/// Makes a description of a checked dataset.yaml, and reports what does not go together in it.
struct DatasetChecker {
    let checked: CheckedValue
    private(set) var diagnostics: [Diagnostic] = []

    init(_ checked: CheckedValue) { self.checked = checked }

    private func text(_ path: String) -> String? { checked[path]?.text }
    private func texts(_ path: String) -> [String]? { checked[path]?.elements?.compactMap(\.text) }

    private mutating func report(_ message: String, at path: String, help: String) {
        diagnostics.append(Diagnostic(.dataInvalid, message, at: checked.span(at: path), help: [help]))
    }

    /// The description; with ``diagnostics`` it is not to be used.
    mutating func description() -> DatasetDescription {
        for list in ["labels", "targets", "input.channels"] {
            guard let names = texts(list), let twice = names.firstRepeated else { continue }
            let name = list == "input.channels" ? "channels" : list
            report("'\(name)' names '\(twice)' twice", at: list, help: "name it once")
        }
        return DatasetDescription(
            name: text("name") ?? "", task: task(), input: input, format: format,
            train: files("train") ?? .init([]), validation: part("validation"), test: part("test"))
    }

    private mutating func task() -> DatasetDescription.Task {
        let names = texts("labels") ?? texts("targets") ?? []
        guard text("task") == "regression" else {
            if checked["targets"] != nil {
                report(
                    "classification has 'labels', and not 'targets'", at: "targets",
                    help: "name the classes in 'labels'")
            }
            return .classification(classes: names)
        }
        if checked["labels"] != nil {
            report("regression has 'targets', and not 'labels'", at: "labels", help: "name the values in 'targets'")
        }
        return .regression(targets: names)
    }

    private var input: DatasetDescription.Input {
        func whole(_ key: String) -> Int { checked["input." + key]?.whole ?? 1 }
        guard text("input.kind") == "sequence" else {
            return .image(height: whole("height"), width: whole("width"), channels: whole("channels"))
        }
        let isRagged = checked["input.steps.maximum"] != nil
        return .sequence(
            channels: texts("input.channels") ?? [], steps: whole(isRagged ? "steps.maximum" : "steps"),
            isRagged: isRagged)
    }
}

// MARK: - Format

extension DatasetChecker {
    private var formatName: String { text("format") ?? text("format.kind") ?? "ts" }

    private var format: DatasetDescription.Format {
        let isChannelsLast = text("format.layout") == "channels-last"
        return switch formatName {
        case "csv": .csv(table)
        case "idx": .idx
        case "npy": .npy(isChannelsLast: isChannelsLast)
        case "npz": .npz(isChannelsLast: isChannelsLast)
        case "cifar-10": .cifar10
        case "png": .png
        default: .ts
        }
    }

    private var table: DelimitedFile.Options {
        var options = DelimitedFile.Options()
        options.hasHeader = checked["format.header"]?.flag ?? true
        let separator = text("format.separator")
        options.separator = DatasetFile.separators.first { $0.name == separator }?.byte ?? options.separator
        options.label = text("format.label")
        options.targets = texts("format.targets")
        options.columns = texts("format.columns")
        options.example = text("format.example")
        options.split = text("format.split")
        return options
    }
}

// MARK: - Splits

extension DatasetChecker {
    /// The files of a split, or `nil` if it has none of its own.
    private mutating func files(_ split: String) -> DatasetDescription.Files? {
        let place = "splits.\(split)"
        let key = ["file", "files", "folder"].first { checked["\(place).\($0)"] != nil }
        guard let key else { return nil }
        let format = formatName
        let paths = text("\(place).\(key)").map { [$0] } ?? texts("\(place).\(key)") ?? []
        if (format == "png") != (key == "folder") {
            let expected =
                format == "png" ? "a folder; name it with 'folder'" : "files; name them with 'file' or 'files'"
            report("format '\(format)' reads \(expected)", at: "\(place).\(key)", help: "or say another 'format'")
        }
        let needsTargets = format == "idx" || format == "npy"
        if key == "files", needsTargets || format == "npz" {
            report(
                "format '\(format)' reads one file of cases, and 'files' names \(paths.count)", at: "\(place).files",
                help: "name it with 'file'")
        }
        if needsTargets, checked["\(place).targets"] == nil {
            report(
                "format '\(format)' needs 'targets', the file of labels or values", at: "\(place).\(key)",
                help: "name it beside 'file'")
        }
        let unread = [("targets", needsTargets || format == "npz"), ("examples", format == "npz")].filter { !$0.1 }
        for (option, _) in unread where checked["\(place).\(option)"] != nil {
            report("'\(option)' has no effect with format '\(format)'", at: "\(place).\(option)", help: "leave it out")
        }
        return .init(paths, targets: text("\(place).targets"), examples: text("\(place).examples"))
    }

    private mutating func part(_ split: String) -> DatasetDescription.Part? {
        let place = "splits.\(split)"
        guard checked[place] != nil else { return nil }
        if let files = files(split) { return .files(files) }
        if let fraction = checked["\(place).fraction"]?.double {
            // Exact to a millionth: 20 % is 200,000 of 1,000,000.
            return .drawn(
                fraction: Fraction(Int((fraction * 1_000_000).rounded()), of: 1_000_000),
                stratified: checked["\(place).stratified"]?.flag ?? true)
        }
        if let rows = texts("\(place).rows") {
            return .rows(rows.enumerated().compactMap { range($1, at: "\(place).rows.\($0)") })
        }
        if let divisor = checked["\(place).every"]?.whole { return .every(divisor) }
        if let value = text("\(place).value") {
            if formatName != "csv" || checked["format.split"] == nil {
                report(
                    "'value' looks into the column of splits, and 'format' names none", at: "\(place).value",
                    help: "write 'format: {kind: csv, split: COLUMN}'")
            }
            return .column(value: value)
        }
        report(
            "'from: train' does not say what to take", at: "\(place).from",
            help: "add 'fraction', 'rows', 'every' or 'value'")
        return nil
    }

    /// Reads `0...7999`, or one row.
    private mutating func range(_ text: String, at path: String) -> ClosedRange<Int>? {
        let ends = text.split(separator: "...", omittingEmptySubsequences: false).map {
            Int($0.filter { $0 != " " })
        }
        if let first = ends.first, let low = first, let high = ends.last ?? nil, ends.count <= 2, 0 <= low, low <= high
        {
            return low...high
        }
        report("'\(text)' is no range of rows", at: path, help: "write the first and the last row, as in 0...7999")
        return nil
    }
}

extension [String] {
    /// The first element that stood before.
    var firstRepeated: String? {
        enumerated().first { self[..<$0.offset].contains($0.element) }?.element
    }
}
