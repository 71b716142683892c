package import Foundation
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
    /// Reads the files of a description and draws what is to be drawn.
    ///
    /// - Parameters:
    ///   - seed: The recipe's seed, by which examples for validation are drawn.
    ///   - contents: Gives the bytes of a file.
    /// - Throws: ``DatasetError`` that names file and line, and what `contents` throws.
    package init(
        reading description: DatasetDescription, seed: UInt64, contents: (DatasetDescription.File) throws -> Data
    ) throws {
        func read(_ file: DatasetDescription.File) throws -> Dataset {
            switch file.format {
            case .ts: try TimeSeriesFile.read(contents(file), name: file.path, describedBy: description)
            }
        }
        train = try read(description.train)
        test = try description.test.map(read)
        switch description.validation {
        case nil: break
        case .file(let file): validation = try read(file)
        case .drawn(let fraction, let stratified):
            let all = train
            let rows = all.drawnRows(fraction, stratified: stratified, seed: seed, stream: "dataset/validation")
            guard !rows.isEmpty, rows.count < all.count else {
                throw DatasetError.emptyDraw(rows.count, of: all.count, fraction)
            }
            let drawn = Set(rows)
            train = all.rows((0..<all.count).filter { !drawn.contains($0) })
            validation = all.rows(rows)
        }
    }

    /// The same splits with some of the channels.
    ///
    /// - Throws: ``DatasetError`` with code `unknownChannel`.
    package func selecting(channels: [String]) throws(DatasetError) -> DataSplits {
        var copy = self
        copy.train = try train.selecting(channels: channels)
        if let validation { copy.validation = try validation.selecting(channels: channels) }
        if let test { copy.test = try test.selecting(channels: channels) }
        return copy
    }
}

// MARK: - Drawing

extension Dataset {
    /// Draws a part of the examples without putting any back.
    ///
    /// A stratified draw takes the fraction of each class by itself, rounded to the nearest count, halves up; any other
    /// draw takes it of all examples.
    ///
    /// - Parameters:
    ///   - seed: The seed of the random streams.
    ///   - stream: Their name; a stratified draw adds the name of each class.
    /// - Returns: Rows in ascending order.
    package func drawnRows(_ fraction: Fraction, stratified: Bool, seed: UInt64, stream: String) -> [Int] {
        func draw(_ rows: [Int], stream: String) -> ArraySlice<Int> {
            var random = RandomStream(seed: seed, name: stream)
            let order = random.permutation(of: rows.count)
            return order.map { rows[$0] }.prefix(fraction.rounded(of: rows.count))
        }
        guard stratified else { return draw(Array(0..<count), stream: stream).sorted() }
        return classes.indices.flatMap { label in
            draw((0..<count).filter { labels[$0] == label }, stream: "\(stream)/\(classes[label])")
        }.sorted()
    }
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func emptyDraw(_ drawn: Int, of count: Int, _ fraction: Fraction) -> Self {
        let (left, part) = drawn == 0 ? ("validation", "larger") : ("training", "smaller")
        return Self(
            .emptySplit,
            "\(fraction.numerator)/\(fraction.denominator) of the \(count) training cases leaves none for \(left); "
                + "choose a \(part) fraction")
    }
}
