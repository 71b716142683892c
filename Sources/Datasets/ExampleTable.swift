/// The examples of one file or more, checked, with all that is known of them beside their values.
struct ExampleTable {
    var source: any ExampleSource
    var targets: Targets
    /// The steps of each example, if sequences may be of unequal length.
    var steps: [Int]?
    /// The value of each example in the column that names splits, if there is one.
    var parts: [String]?

    /// Tables of the same data set, one after the other.
    ///
    /// - Precondition: there is one at least.
    init(joining tables: [ExampleTable]) {
        self = tables[0]
        guard tables.count > 1 else { return }
        source = JoinedSource(tables.map(\.source))
        steps = steps.map { _ in tables.flatMap { $0.steps ?? [] } }
        parts = parts.map { _ in tables.flatMap { $0.parts ?? [] } }
        switch targets {
        case .classes(let names, _): targets = .classes(names: names, labels: tables.flatMap(\.labels))
        case .values(let names, _): targets = .values(names: names, values: tables.flatMap(\.values))
        }
    }

    init(source: any ExampleSource, targets: Targets, steps: [Int]? = nil, parts: [String]? = nil) {
        self.source = source
        self.targets = targets
        self.steps = steps
        self.parts = parts
    }

    private var labels: [Int] { if case .classes(_, let labels) = targets { labels } else { [] } }
    private var values: [Float] { if case .values(_, let values) = targets { values } else { [] } }
}

extension ExampleTable {
    /// Opens and checks files, each in one pass.
    ///
    /// - Parameters:
    ///   - memory: The most bytes that an archive's compressed member may fill.
    /// - Throws: ``DatasetError`` that names file, row or line, and channel.
    init(
        _ files: DatasetDescription.Files, of description: DatasetDescription, in folder: DataFolder, memory: Int
    ) throws(DatasetError) {
        var tables: [ExampleTable] = []
        for path in files.paths {
            let table: ExampleTable
            switch description.format {
            case .ts: table = try TimeSeriesFile(folder.file(path), describedBy: description).table()
            case .csv(let options):
                table = try DelimitedFile(folder.file(path), options, describedBy: description).table()
            case .cifar10: table = try ArrayReader.records(folder.file(path), describedBy: description)
            case .png: table = try ImageFolder(path, in: folder, describedBy: description).table()
            case .idx, .npy:
                let examples = try folder.file(path)
                let targets = try folder.file(files.targets ?? "")
                table = try ArrayReader.table(
                    examples, examples.name, targets: targets, targets.name, describedBy: description)
            case .npz:
                let archive = try ZipArchive(folder.file(path))
                let (examples, targets) = (files.examples ?? "x", files.targets ?? "y")
                table = try ArrayReader.table(
                    archive.member(examples, memory: memory), archive.name(of: examples),
                    targets: archive.member(targets, memory: memory), archive.name(of: targets),
                    describedBy: description)
            }
            tables.append(table)
        }
        self.init(joining: tables)
    }
}
