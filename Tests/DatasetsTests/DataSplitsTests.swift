import Datasets
import Foundation
import Kernels
import Testing

@Suite struct DataSplitsTests {
    /// A file in which the only value of a case is its row, with the given labels in turn.
    private static func file(_ labels: [String]) -> Data {
        Data(("@data\n" + labels.enumerated().map { "\($0.offset):\($0.element)\n" }.joined()).utf8)
    }

    private static func splits(
        _ labels: [String], validation: DatasetDescription.Validation?, seed: UInt64 = 7
    ) throws -> DataSplits {
        let description = DatasetDescription(
            name: "rows", labels: ["a", "b"], input: .init(channels: ["x"], steps: 1),
            train: .init(path: "train.ts", format: .ts), validation: validation,
            test: .init(path: "test.ts", format: .ts))
        return try DataSplits(reading: description, seed: seed) { file in
            Self.file(file.path == "train.ts" ? labels : Array(labels.prefix(2)))
        }
    }

    private static let labels = Array(repeating: "a", count: 38) + Array(repeating: "b", count: 12)

    @Test func `a stratified draw takes the rounded fraction of each class and removes it from train`() throws {
        let splits = try Self.splits(Self.labels, validation: .drawn(fraction: Fraction(20, of: 100), stratified: true))
        let validation = try #require(splits.validation)
        // 7.6 and 2.4.
        #expect(validation.classCounts == [8, 2])
        #expect(splits.train.classCounts == [30, 10])
        let rows = try (splits.train.values(in: 0..<40) + validation.values(in: 0..<10)).sorted()
        #expect(rows == (0..<50).map(Float.init))
        let train = try splits.train.values(in: 0..<40)
        #expect(train == train.sorted())
        #expect(splits.test?.count == 2)
    }

    @Test func `a draw depends on the seed alone`() throws {
        let drawn = DatasetDescription.Validation.drawn(fraction: Fraction(1, of: 5), stratified: true)
        let splits = try Self.splits(Self.labels, validation: drawn)
        let train = try Contents(splits.train)
        #expect(try Contents(Self.splits(Self.labels, validation: drawn).train) == train)
        #expect(try Contents(Self.splits(Self.labels, validation: drawn, seed: 8).train) != train)
    }

    @Test func `a plain draw takes the fraction of all`() throws {
        let splits = try Self.splits(Self.labels, validation: .drawn(fraction: Fraction(1, of: 4), stratified: false))
        // 12.5, halves up.
        #expect(splits.validation?.count == 13)
        #expect(splits.train.count == 37)
    }

    @Test(arguments: [(0, 100, 382, 0), (20, 100, 194, 39), (1, 2, 5, 3), (1, 3, 4, 1), (1, 1, 9, 9)])
    func `a fraction is rounded to the nearest, halves up`(numerator: Int, denominator: Int, count: Int, part: Int) {
        #expect(Fraction(numerator, of: denominator).rounded(of: count) == part)
    }

    @Test func `validation can be a file of its own, or not be`() throws {
        let file = DatasetDescription.File(path: "validation.ts", format: .ts)
        #expect(try Self.splits(Self.labels, validation: .file(file)).validation?.count == 2)
        let none = try Self.splits(Self.labels, validation: nil)
        #expect(none.validation == nil)
        #expect(none.train.count == 50)
    }

    @Test(arguments: [
        (1, 100, "1/100 of the 6 training cases leaves none for validation; choose a larger fraction"),
        (1, 1, "1/1 of the 6 training cases leaves none for training; choose a smaller fraction"),
    ])
    func `a draw that leaves a split empty is refused`(numerator: Int, denominator: Int, message: String) {
        let error = #expect(throws: DatasetError.self) {
            try Self.splits(
                ["a", "a", "a", "b", "b", "b"],
                validation: .drawn(fraction: Fraction(numerator, of: denominator), stratified: true))
        }
        #expect(error?.code == .emptySplit)
        #expect(error?.description == message)
    }

    @Test func `channels are selected in every split`() throws {
        let splits = try Self.splits(Self.labels, validation: .drawn(fraction: Fraction(1, of: 5), stratified: true))
        let selected = try splits.selecting(channels: ["x"])
        #expect(try Contents(selected.train) == Contents(splits.train))
        #expect(throws: DatasetError.self) { try splits.selecting(channels: ["y"]) }
    }
}
