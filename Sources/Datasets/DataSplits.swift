internal import Tensors

/// The parts of a data set: learning sees `train`, thresholds and best networks see `validation`, only an evaluation
/// sees `test`.
package struct DataSplits: Sendable {
    package var train: Dataset
    package var validation: Dataset?
    package var test: Dataset?

    package init(train: Dataset, validation: Dataset? = nil, test: Dataset? = nil) {
        self.train = train
        self.validation = validation
        self.test = test
    }
}

// MARK: - Reading

extension DataSplits {
    /// Opens the files of a description, checks all that is in them in one pass, and draws what is to be drawn.
    ///
    /// Examples are read again when they are needed: all at once at the first need if they fit in memory, otherwise
    /// batch by batch. It makes no difference in any bit of a result.
    ///
    /// - Parameters:
    ///   - folder: The folder of the description, which its paths are relative to.
    ///   - channels: The channels to use, in their order; all if `nil`.
    ///   - seed: The recipe's seed, by which examples are drawn.
    ///   - memory: The most bytes that the examples of all splits may fill as floats.
    /// - Throws: ``DatasetError`` that names file, line or row, and channel.
    package init(
        reading description: DatasetDescription, in folder: DataFolder, channels: [String]? = nil, seed: UInt64,
        memory: Int = .max
    ) throws(DatasetError) {
        let names = channels ?? description.input.channels
        var indices: [Int] = []
        for name in names {
            guard let index = description.input.channels.firstIndex(of: name) else {
                throw .unknownChannel(name, description)
            }
            indices.append(index)
        }
        func open(_ files: DatasetDescription.Files) throws(DatasetError) -> ExampleTable {
            var table = try ExampleTable(files, of: description, in: folder, memory: memory)
            if names != description.input.channels { table.source = ChannelSource(table.source, channels: indices) }
            return table
        }
        var tables = ["train": try open(description.train)]
        if case .files(let files) = description.validation { tables["validation"] = try open(files) }
        if case .files(let files) = description.test { tables["test"] = try open(files) }
        let bytes = tables.values.reduce(0) { $0 + $1.source.count * $1.source.shape.count * MemoryLayout<Float>.size }
        let isHeld = bytes <= memory
        let datasets = tables.mapValues { table in
            Dataset(
                name: description.name, channels: names, targets: table.targets, steps: table.steps,
                source: isHeld ? CachedSource(table.source) : table.source)
        }
        guard let all = datasets["train"] else { preconditionFailure("every data set has a train split") }
        let parts = tables["train"]?.parts
        (validation, test) = (datasets["validation"], datasets["test"])

        // What is named is taken first, then what is drawn of the rest.
        let isDrawn = { (part: DatasetDescription.Part?) in if case .drawn = part { true } else { false } }
        var owner = [String?](repeating: nil, count: all.count)
        let drawn = [("test", description.test), ("validation", description.validation)]
        for (split, part) in drawn.filter({ !isDrawn($0.1) }) + drawn.filter({ isDrawn($0.1) }) {
            guard let part, case let rows? = try all.rows(of: part, split, free: owner.map { $0 == nil }, parts, seed)
            else { continue }
            for row in rows {
                if let other = owner[row] { throw .overlap(row, split, other, all.name) }
                owner[row] = split
            }
            if split == "test" { test = all.rows(rows) } else { validation = all.rows(rows) }
        }
        let rest = all.count == owner.count { $0 == nil } ? nil : owner.indices.filter { owner[$0] == nil }
        train = rest.map { all.rows($0) } ?? all
        guard train.count > 0 else { throw .nothingLeft(all.count, all.name) }
        if let empty = train.classCounts.firstIndex(of: 0) { throw .emptyClass(train.classes[empty], all.name) }
    }
}

// MARK: - Parts of the training data

extension Dataset {
    /// The rows that a part takes of the training data, in ascending order; `nil` if it has files of its own.
    ///
    /// - Parameters:
    ///   - free: Which rows can be drawn.
    ///   - parts: The value of each row in the column of splits.
    fileprivate func rows(
        of part: DatasetDescription.Part, _ split: String, free: [Bool], _ parts: [String]?, _ seed: UInt64
    ) throws(DatasetError) -> [Int]? {
        let rows: [Int]
        switch part {
        case .files: return nil
        case .rows(let ranges):
            if let range = ranges.first(where: { $0.upperBound >= count }) { throw .noRow(range, split, count, name) }
            rows = Set(ranges.joined()).sorted()
        case .every(let divisor): rows = Array(stride(from: 0, to: count, by: divisor))
        case .column(let value):
            rows = (0..<count).filter { parts?[$0] == value }
            if rows.isEmpty { throw .noPart(value, split, Set(parts ?? []).sorted(), name) }
        case .drawn(let fraction, let stratified):
            rows = drawnRows(fraction, of: (0..<count).filter { free[$0] }, stratified, seed, "dataset/\(split)")
            let total = free.count { $0 }
            if rows.isEmpty || rows.count == total { throw .emptyDraw(split, rows.count, of: total, fraction) }
        }
        return rows
    }

    /// Draws a part of some rows without putting any back.
    ///
    /// A stratified draw takes the fraction of each class by itself, rounded to the nearest count, halves up; any other
    /// draw, and one of data without classes, takes it of all rows.
    ///
    /// - Parameter stream: The name of the random stream; a stratified draw adds the name of each class.
    /// - Returns: Rows in ascending order.
    private func drawnRows(
        _ fraction: Fraction, of rows: [Int], _ stratified: Bool, _ seed: UInt64, _ stream: String
    ) -> [Int] {
        func draw(_ rows: [Int], stream: String) -> ArraySlice<Int> {
            var random = RandomStream(seed: seed, name: stream)
            let order = random.permutation(of: rows.count)
            return order.map { rows[$0] }.prefix(fraction.rounded(of: rows.count))
        }
        guard stratified, case .classes(let names, let labels) = targets else {
            return draw(rows, stream: stream).sorted()
        }
        return names.indices.flatMap { label in
            draw(rows.filter { labels[$0] == label }, stream: "\(stream)/\(names[label])")
        }.sorted()
    }
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func unknownChannel(_ name: String, _ description: DatasetDescription) -> Self {
        Self(
            .unknownChannel,
            "the data set '\(description.name)' has no channel '\(name)'; it has "
                + description.input.channels.joined(separator: ", "))
    }

    fileprivate static func emptyDraw(_ split: String, _ drawn: Int, of count: Int, _ fraction: Fraction) -> Self {
        let (left, part) = drawn == 0 ? (split, "larger") : ("training", "smaller")
        return Self(
            .emptySplit,
            "\(fraction) of the \(count) training cases leaves none for \(left); "
                + "choose a \(part) fraction")
    }

    fileprivate static func noRow(_ range: ClosedRange<Int>, _ split: String, _ count: Int, _ name: String) -> Self {
        Self(
            .emptySplit,
            "the \(split) split takes rows \(range.lowerBound)...\(range.upperBound), and the train files have rows "
                + "0...\(count - 1)")
    }

    fileprivate static func noPart(_ value: String, _ split: String, _ known: [String], _ name: String) -> Self {
        Self(
            .emptySplit,
            "no row has '\(value.shortened)' in the column of splits, which the \(split) split takes; it has "
                + known.shortList)
    }

    fileprivate static func overlap(_ row: Int, _ split: String, _ other: String, _ name: String) -> Self {
        Self(
            .overlappingSplits, "row \(row) is in the \(other) split and in the \(split) split; let each row be in one")
    }

    fileprivate static func nothingLeft(_ count: Int, _ name: String) -> Self {
        Self(.emptySplit, "the other splits take all \(count) training cases; leave some for training")
    }

    fileprivate static func emptyClass(_ label: String, _ name: String) -> Self {
        Self(
            .emptyClass,
            "class '\(label)' has no case in the train split; add some, or take the class out of 'labels'")
    }
}
