import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct DataSplitsTests {
    /// A file in which the only value of a case is its row, with the given labels in turn.
    private static func file(_ labels: [String]) -> Data {
        Data(("@data\n" + labels.enumerated().map { "\($0.offset):\($0.element)\n" }.joined()).utf8)
    }

    private static func splits(
        _ labels: [String], validation: DatasetDescription.Part?,
        test: DatasetDescription.Part? = .files(.init(["test.ts"])),
        seed: UInt64 = 7
    ) throws -> DataSplits {
        let folder = try TemporaryFolder()
        for (name, labels) in [("train", labels), ("test", Array(labels.prefix(2))), ("validation", ["a", "b"])] {
            try Self.file(labels).write(to: URL(filePath: "\(folder.path)/\(name).ts"))
        }
        let description = DatasetDescription(
            name: "rows", task: .classification(classes: ["a", "b"]), input: .sequence(channels: ["x"], steps: 1),
            train: .init(["train.ts"]), validation: validation, test: test)
        return try DataSplits(reading: description, in: DataFolder(folder.path), seed: seed)
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
        let drawn = DatasetDescription.Part.drawn(fraction: Fraction(1, of: 5), stratified: true)
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
        let files = DatasetDescription.Files(["validation.ts"])
        #expect(try Self.splits(Self.labels, validation: .files(files)).validation?.count == 2)
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

    /// The rows of a data set whose only value of a case is its row.
    private static func rows(_ data: Dataset?) throws -> [Int] {
        try data.map { data in try data.values(in: 0..<data.count).map { Int($0) } } ?? []
    }

    @Test func `rows and divisors are taken as they stand`() throws {
        let splits = try Self.splits(Self.labels, validation: .rows([1...3, 48...49]), test: .every(5))
        #expect(try Self.rows(splits.validation) == [1, 2, 3, 48, 49])
        #expect(try Self.rows(splits.test) == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45])
        let all = try Self.rows(splits.train) + Self.rows(splits.validation) + Self.rows(splits.test)
        #expect(all.sorted() == Array(0..<50))
    }

    @Test func `what is named is taken before what is drawn, and test before validation`() throws {
        let drawn = DatasetDescription.Part.drawn(fraction: Fraction(1, of: 2), stratified: true)
        let splits = try Self.splits(Self.labels, validation: drawn, test: .rows([0...9]))
        // Half of 28 and of 12.
        #expect(splits.validation?.classCounts == [14, 6])
        #expect(try Self.rows(splits.validation).allSatisfy { $0 > 9 })
        let both = try Self.splits(Self.labels, validation: drawn, test: drawn)
        #expect([both.train.count, both.validation?.count, both.test?.count] == [12, 13, 25])
    }

    @Test(
        arguments: [
            (
                .rows([0...4]), .every(5), DatasetError.Code.overlappingSplits,
                "row 0 is in the test split and in the validation split; let each row be in one"
            ),
            (
                .rows([0...50]), nil, .emptySplit,
                "the validation split takes rows 0...50, and the train files have rows 0...49"
            ),
            (
                .rows([0...49]), nil, .emptySplit,
                "the other splits take all 50 training cases; leave some for training"
            ),
            (
                .rows([38...49]), nil, .emptyClass,
                "class 'b' has no case in the train split; add some, or take the class out of 'labels'"
            ),
        ] as [(DatasetDescription.Part, DatasetDescription.Part?, DatasetError.Code, String)])
    func `splits that do not go together are refused`(
        validation: DatasetDescription.Part, test: DatasetDescription.Part?, code: DatasetError.Code, message: String
    ) {
        let error = #expect(throws: DatasetError.self) {
            try Self.splits(Self.labels, validation: validation, test: test)
        }
        #expect(error?.code == code)
        #expect(error?.description == message)
    }
}
