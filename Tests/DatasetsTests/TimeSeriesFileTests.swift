import Datasets
import Foundation
import Kernels
import Tensors
import Testing

@Suite struct TimeSeriesFileTests {
    private static let description = DatasetDescription(
        name: "road", task: .classification(classes: ["good", "bad"]),
        input: .sequence(channels: ["x", "y"], steps: 3), train: .init(["train.ts"]))

    private static func read(_ text: String) throws -> Dataset {
        try Reading.train(["train.ts": Array(text.utf8)], description)
    }

    @Test func `cases, labels and shape are those of the file`() throws {
        let data = try Self.read("# comment\n@dimensions 2\n@data\n1,2,3:4,5,6:bad\n-1,.5,1e2:0,-0,+7:good\n")
        #expect(data.count == 2)
        #expect(data.inputShape == [2, 3])
        #expect(data.labels == [1, 0])
        #expect(data.classes == ["good", "bad"])
        #expect(try data.values(in: 0..<2) == [1, 2, 3, 4, 5, 6, -1, 0.5, 100, 0, 0, 7])
        #expect(data.name == "road")
    }

    @Test func `blanks, empty lines, comments and the ends of lines of Windows do not matter`() throws {
        let plain = try Self.read("@data\n1,2,3:4,5,6:bad\n1,1,1:2,2,2:good")
        let loose = try Self.read(
            "\r\n@problemName x\r\n@DATA \r\n\r\n 1, 2 ,3 : 4,5,\t6: bad \r\n# between\r\n1,1,1:2,2,2:good\r\n\r\n")
        #expect(try Contents(loose) == Contents(plain))
    }

    /// The text of a file, and the error of reading it.
    static let faults: [(String, DatasetError.Code, String)] = [
        ("", .emptyFile, "train.ts: the file is empty"),
        ("@data\n", .emptyFile, "train.ts: no case follows '@data'"),
        (
            "# only a comment\n@dimensions 2\n", .malformedFile,
            "train.ts: no line '@data'; expected header lines, '@data' and one case a line"
        ),
        (
            "# comment\n1,2,3:4,5,6:bad\n", .malformedFile,
            "train.ts:2: '1,2,3:4,5,6:bad' stands before '@data'; expected a comment ('#') or a header line ('@')"
        ),
        (
            "@data\n1,2,3:4,5,6:bad\n1,2,3:bad\n", .wrongShape,
            "train.ts:3: the case has 1 channel before its label; the data set 'road' has 2: x, y"
        ),
        (
            "@data\n1,2,3:1,2,3:1,2,3:bad\n", .wrongShape,
            "train.ts:2: the case has 3 channels before its label; the data set 'road' has 2: x, y"
        ),
        (
            "@data\n1,2,3\n", .wrongShape,
            "train.ts:2: the case has 0 channels before its label; the data set 'road' has 2: x, y"
        ),
        ("@data\n1,2,3:4,5:bad\n", .wrongShape, "train.ts:2: channel 'y' has 2 values; expected 3 steps"),
        ("@data\n1,2,3,4:4,5,6:bad\n", .wrongShape, "train.ts:2: channel 'x' has 4 values; expected 3 steps"),
        (
            "@data\n1,2,3:4,five,6:bad\n", .notANumber,
            "train.ts:2: channel 'y', value 2 is 'five'; expected a number"
        ),
        ("@data\n1,,3:4,5,6:bad\n", .notANumber, "train.ts:2: channel 'x', value 2 is ''; expected a number"),
        ("@data\n1,2,:4,5,6:bad\n", .notANumber, "train.ts:2: channel 'x', value 3 is ''; expected a number"),
        ("@data\n:4,5,6:bad\n", .notANumber, "train.ts:2: channel 'x', value 1 is ''; expected a number"),
        ("@data\n1,0x10,3:4,5,6:bad\n", .notANumber, "train.ts:2: channel 'x', value 2 is '0x10'; expected a number"),
        (
            "@data\n1,?,3:4,5,6:bad\n", .missingValue,
            "train.ts:2: channel 'x', value 2 is missing ('?'); fill it in or leave the case out"
        ),
        (
            "@data\n1,NaN,3:4,5,6:bad\n", .missingValue,
            "train.ts:2: channel 'x', value 2 is missing ('NaN'); fill it in or leave the case out"
        ),
        (
            "@data\n1,2,-inf:4,5,6:bad\n", .nonFiniteValue,
            "train.ts:2: channel 'x', value 3 is '-inf', which is no finite 32-bit number"
        ),
        (
            "@data\n1,2,3e38:4,5,4e38:bad\n", .nonFiniteValue,
            "train.ts:2: channel 'y', value 3 is '4e38', which is no finite 32-bit number"
        ),
        (
            "@data\n1,2,3:4,5,6:medium\n", .unknownLabel,
            "train.ts:2: the label 'medium' is none of the data set's labels: good, bad"
        ),
        (
            "@data\n1,2,3:4,5,6:\n", .unknownLabel,
            "train.ts:2: the label '' is none of the data set's labels: good, bad"
        ),
    ]

    @Test(arguments: faults)
    func `a fault is named with its place`(text: String, code: DatasetError.Code, message: String) {
        let error = #expect(throws: DatasetError.self) { try Self.read(text) }
        #expect(error?.code == code)
        #expect(error?.description == message)
    }

    @Test func `bytes that are no text do not stop the program`() {
        var random = RandomStream(seed: 5, name: "bytes")
        for _ in 0..<200 {
            let noise = (0..<40).map { _ in UInt8(random.below(256)) }
            #expect(throws: DatasetError.self) {
                try Reading.train(["train.ts": Array("@data\n".utf8) + noise], Self.description)
            }
        }
    }

    /// Reads numbers by way of a file.
    private static func numbers(_ texts: [String]) throws -> [Float] {
        let description = DatasetDescription(
            name: "one", task: .classification(classes: ["a"]), input: .sequence(channels: ["x"], steps: 1),
            train: .init(["one.ts"]))
        let text = "@data\n" + texts.map { $0 + ":a\n" }.joined()
        return try Reading.train(["one.ts": Array(text.utf8)], description).values(in: 0..<texts.count)
    }

    @Test(arguments: [
        "0", "-0", "0.1", "16777216", "16777217", "16777219", "0.10000000149011612", "9.80665", "123456.789",
        "1e-45", "7e-46", "1.17549435e-38", "3.4028235e38", "00001.5000", "1.", ".25", "5e0", "-2.5E+3",
        "0.00000000001", "8388608.5", "99999999999999999999", "1.00000005960464477539062500001",
    ])
    func `a number is the nearest float`(text: String) throws {
        let expected = try #require(Float(text.hasSuffix(".") ? String(text.dropLast()) : text))
        #expect(try Self.numbers([text]).map(\.bitPattern) == [expected.bitPattern])
    }

    @Test func `random numbers are the nearest floats`() throws {
        var random = RandomStream(seed: 11, name: "numbers")
        let texts = (0..<2000).map { _ in
            let digits = (0..<1 + random.below(12)).map { _ in String(random.below(10)) }
            let point = random.below(digits.count)
            return (random.below(2) == 0 ? "-" : "") + digits[...point].joined()
                + (point + 1 < digits.count ? "." + digits[(point + 1)...].joined() : "")
        }
        for (text, number) in zip(texts, try Self.numbers(texts)) {
            #expect(number.bitPattern == Float(text)?.bitPattern, "\(text)")
        }
    }
}
