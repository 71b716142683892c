import Datasets
import Foundation
import Kernels
import Tensors
import Testing

@Suite struct ArrayFilesTests {
    /// `[3, 2, 2]` of the numbers 0 to 11, written by NumPy.
    static let written = Data(
        base64Encoded:
            "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsIDIsIDIpLCB9"
            + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBA"
            + "AACAQAAAoEAAAMBAAADgQAAAAEEAABBBAAAgQQAAMEE=")
    /// `x_train` as above and `y_train` of 0, 1, 0, by `numpy.savez` and by `numpy.savez_compressed`.
    static let stored = Data(
        base64Encoded:
            "UEsDBC0AAAAAAAAAIQAi8zQl//////////8LABQAeF90cmFpbi5ucHkBABAAsAAAAAAAAACwAAAAAAAAAJNOVU1QWQEAdgB7"
            + "J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgzLCAyLCAyKSwgfSAgICAgICAgICAg"
            + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAAgD8AAABAAABAQAAAgEAAAKBAAADA"
            + "QAAA4EAAAABBAAAQQQAAIEEAADBBUEsDBC0AAAAAAAAAIQCKRzeo//////////8LABQAeV90cmFpbi5ucHkBABAAmAAAAAAA"
            + "AACYAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgz"
            + "LCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA"
            + "AAABAAAAAAAAAAAAAAAAAAAAUEsBAi0DLQAAAAAAAAAhACLzNCWwAAAAsAAAAAsAAAAAAAAAAAAAAIABAAAAAHhfdHJhaW4u"
            + "bnB5UEsBAi0DLQAAAAAAAAAhAIpHN6iYAAAAmAAAAAsAAAAAAAAAAAAAAIAB7QAAAHlfdHJhaW4ubnB5UEsFBgAAAAACAAIA"
            + "cgAAAMIBAAAAAA==")
    static let packed = Data(
        base64Encoded:
            "UEsDBC0AAAAIAAAAIQAi8zQl//////////8LABQAeF90cmFpbi5ucHkBABAAsAAAAAAAAABnAAAAAAAAAJvsF+obEMnIUMZQ"
            + "rZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CkZApKmjUKtAHuBiAIMGeyDhAERA3ADE"
            + "C4D4ABA/AGIGRwYGASBWAGIDRwBQSwMELQAAAAgAAAAhAIpHN6j//////////wsAFAB5X3RyYWluLm5weQEAEACYAAAAAAAA"
            + "AEoAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaxjqaOgq1"
            + "ChQALgYoYGRABQBQSwECLQMtAAAACAAAACEAIvM0JWcAAACwAAAACwAAAAAAAAAAAAAAgAEAAAAAeF90cmFpbi5ucHlQSwEC"
            + "LQMtAAAACAAAACEAikc3qEoAAACYAAAACwAAAAAAAAAAAAAAgAGkAAAAeV90cmFpbi5ucHlQSwUGAAAAAAIAAgByAAAAKwEA"
            + "AAAA")

    static func description(
        _ format: DatasetDescription.Format, _ files: DatasetDescription.Files,
        task: DatasetDescription.Task = .classification(classes: ["a", "b"]),
        input: DatasetDescription.Input = .sequence(channels: ["x", "y"], steps: 2)
    ) -> DatasetDescription {
        DatasetDescription(name: "arrays", task: task, input: input, format: format, train: files)
    }

    /// A NumPy file of a header's text and of bytes.
    static func numpy(_ type: String, _ shape: String, _ bytes: [UInt8], order: String = "False") -> [UInt8] {
        let header = Array("{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n".utf8)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count & 255), UInt8(header.count >> 8)] + header
            + bytes
    }

    static func idx(_ type: UInt8, _ sizes: [Int], _ bytes: [UInt8]) -> [UInt8] {
        [0, 0, type, UInt8(sizes.count)]
            + sizes.flatMap { size in [24, 16, 8, 0].map { UInt8(size >> $0 & 255) } } + bytes
    }

    static let npy = description(.npy(isChannelsLast: false), .init(["x.npy"], targets: "y.npy"))
    static let labels = numpy("|u1", "(3,)", [0, 1, 0])

    // MARK: - Values

    @Test func `what NumPy writes is read`() throws {
        let data = try Reading.train(["x.npy": Array(#require(Self.written)), "y.npy": Self.labels], Self.npy)
        #expect(try data.values(in: 0..<3) == (0..<12).map(Float.init))
        #expect(data.labels == [0, 1, 0])
    }

    @Test(arguments: [stored, packed])
    func `archives are read, stored and compressed`(archive: Data?) throws {
        let description = Self.description(
            .npz(isChannelsLast: false), .init(["a.npz"], targets: "y_train", examples: "x_train"))
        let data = try Reading.train(["a.npz": Array(#require(archive))], description)
        #expect(try data.values(in: 0..<3) == (0..<12).map(Float.init))
        #expect(data.labels == [0, 1, 0])
    }

    @Test(arguments: [
        ("<u2", [1, 1], Float(257)), (">u2", [1, 2], 258), ("|i1", [255], -1), ("<i2", [255, 255], -1),
        ("<i4", [254, 255, 255, 255], -2), (">i8", [0, 0, 0, 0, 0, 0, 1, 0], 256), ("<f4", [0, 0, 128, 63], 1),
        (">f8", [63, 248, 0, 0, 0, 0, 0, 0], 1.5), ("|b1", [1], 1), ("|u1", [200], 200),
    ])
    func `every type of element is read`(type: String, bytes: [UInt8], value: Float) throws {
        let description = Self.description(
            .npy(isChannelsLast: false), .init(["x.npy"], targets: "y.npy"),
            task: .regression(targets: ["t"]), input: .sequence(channels: ["x"], steps: 1))
        let file = Self.numpy(type, "(1, 1)", bytes)
        let data = try Reading.train(["x.npy": file, "y.npy": file], description)
        #expect(try data.example(0) == [value])
        #expect(data.targets == .values(names: ["t"], values: [value]))
    }

    @Test func `channels may stand last`() throws {
        let description = Self.description(
            .npy(isChannelsLast: true), .init(["x.npy"], targets: "y.npy"),
            input: .image(height: 1, width: 2, channels: 3))
        let data = try Reading.train(
            ["x.npy": Self.numpy("|u1", "(2, 1, 2, 3)", Array(0..<12)), "y.npy": Self.numpy("|u1", "(2,)", [0, 1])],
            description)
        #expect(data.inputShape == [3, 1, 2])
        #expect(data.channels == ["red", "green", "blue"])
        #expect(try data.example(0) == [0, 3, 1, 4, 2, 5])
    }

    @Test func `images and labels of IDX are read`() throws {
        let description = Self.description(
            .idx, .init(["images"], targets: "labels"), input: .image(height: 2, width: 2, channels: 1))
        let data = try Reading.train(
            ["images": Self.idx(8, [2, 2, 2], Array(248...255)), "labels": Self.idx(8, [2], [1, 0])], description)
        #expect(data.inputShape == [1, 2, 2])
        #expect(try data.values(in: 0..<2) == (248...255).map(Float.init))
        #expect(data.labels == [1, 0])
    }

    @Test func `records of CIFAR-10 in several files follow each other`() throws {
        let description = DatasetDescription(
            name: "cifar", task: .classification(classes: ["a", "b"]),
            input: .image(height: 32, width: 32, channels: 3),
            format: .cifar10, train: .init(["1.bin", "2.bin"]))
        func record(_ label: UInt8, _ first: UInt8) -> [UInt8] {
            [label] + (0..<3072).map { first &+ UInt8(truncatingIfNeeded: $0) }
        }
        let data = try Reading.train(["1.bin": record(1, 5) + record(0, 6), "2.bin": record(1, 7)], description)
        #expect(data.labels == [1, 0, 1])
        #expect(try (0..<3).map { try data.example($0)[0] } == [5, 6, 7])
        #expect(try data.example(2)[3071] == Float(UInt8(truncatingIfNeeded: 7 + 3071)))
        let one = try Reading.train(
            ["1.bin": record(1, 5) + record(0, 6), "2.bin": record(1, 7)], description, channels: ["green"])
        #expect(try one.example(1) == Array(data.example(1)[1024..<2048]))
    }

    // MARK: - Faults

    static let x = numpy("|u1", "(3, 2, 2)", Array(0..<12))
    static let nan = numpy(
        "<f4", "(3, 2, 2)", Array(repeating: 0, count: 28) + [0, 0, 192, 127] + Array(repeating: 0, count: 16))

    @Test(
        arguments: [
            (
                ["x.npy": Array("something else".utf8), "y.npy": labels],
                "x.npy: no NumPy file: it does not begin with the header that numpy.save writes"
            ),
            (
                ["x.npy": numpy("<c8", "(3, 2, 2)", []), "y.npy": labels],
                "x.npy: its elements are '<c8'; expected f4, f8, u1, i1, u2, i2, i4, i8 or b1: convert it with astype"
            ),
            (
                ["x.npy": numpy("|u1", "(3, 2, 2)", Array(0..<12), order: "True"), "y.npy": labels],
                "x.npy: its elements are in Fortran order; save numpy.ascontiguousarray of it"
            ),
            (
                ["x.npy": numpy("|u1", "()", [1]), "y.npy": labels],
                "x.npy: it holds a single number; expected an array whose first dimension counts examples"
            ),
            (
                ["x.npy": numpy("|u1", "(3, 2, 2)", [1, 2]), "y.npy": labels],
                "x.npy: the file has 75 bytes, and its header says 3 x 2 x 2 elements, which makes 85; it is damaged"
            ),
            (
                ["x.npy": numpy("|u1", "(1099511627776, 1099511627776)", []), "y.npy": labels],
                "x.npy: the file has 94 bytes, and its header says 1099511627776 x 1099511627776 elements; it is damaged"
            ),
            (
                ["x.npy": numpy("|u1", "(4, 3)", Array(0..<12)), "y.npy": labels],
                "x.npy: the array is 4 x 3; expected examples x 2 x 2, channels first (or say 'layout: channels-last')"
            ),
            (
                ["x.npy": numpy("|u1", "(0, 2, 2)", []), "y.npy": labels], "x.npy: the file has no example"
            ),
            (
                ["x.npy": x, "y.npy": numpy("|u1", "(2,)", [0, 1])],
                "x.npy: the file has 3 examples, and 'y.npy' has 2 targets; they belong to each other"
            ),
            (
                ["x.npy": x, "y.npy": numpy("|u1", "(3, 2)", [0, 1, 0, 1, 0, 1])],
                "y.npy: the array is 3 x 2; expected targets of 3"
            ),
            (
                ["x.npy": x, "y.npy": numpy("|i1", "(3,)", [0, 255, 1])],
                "y.npy: row 1: the label is -1; expected 0 to 1, as the data set has 2 classes"
            ),
            (
                ["x.npy": x, "y.npy": numpy("<f4", "(3,)", [0, 0, 0, 0, 0, 0, 0, 63, 0, 0, 0, 0])],
                "y.npy: row 1: the label is 0.5; expected 0 to 1, as the data set has 2 classes"
            ),
            (
                ["x.npy": nan, "y.npy": labels],
                "x.npy: row 1: channel 'y', value 2 is missing (NaN); fill it in or leave the example out"
            ),
            (
                [
                    "x.npy": numpy(">f8", "(3, 2, 2)", Array(repeating: 0, count: 88) + [127, 224, 0, 0, 0, 0, 0, 0]),
                    "y.npy": labels,
                ], "x.npy: row 2: channel 'y', value 2 is no finite 32-bit number"
            ),
            (["y.npy": labels], "x.npy: no such file"),
        ])
    func `a fault of an array is named with its place`(files: [String: [UInt8]], message: String) {
        let error = #expect(throws: DatasetError.self) { try Reading.train(files, Self.npy) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        ("(3,)", [0, 0, 192, 127], "y.npy: row 0: target 't' is missing (NaN); fill it in or leave the example out"),
        ("(3,)", [0, 0, 128, 255], "y.npy: row 0: target 't' is no finite 32-bit number"),
    ])
    func `a target that is no number is refused`(shape: String, first: [UInt8], message: String) {
        let description = Self.description(
            .npy(isChannelsLast: false), .init(["x.npy"], targets: "y.npy"), task: .regression(targets: ["t"]))
        let error = #expect(throws: DatasetError.self) {
            try Reading.train(
                ["x.npy": Self.x, "y.npy": Self.numpy("<f4", shape, first + Array(repeating: 0, count: 8))], description
            )
        }
        #expect(error?.description == message)
    }

    @Test(
        arguments: [
            (
                [31, 139, 8, 0],
                "images: no IDX file: it does not begin with two zeros, a type and its dimensions; "
                    + "unpack it if it is compressed"
            ),
            ([0, 0, 7, 1, 0, 0, 0, 0], "images: no IDX file: its type 7 is none of 8, 9, 11, 12, 13, 14"),
            (
                [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1],
                "images: the file has 17 bytes, and its header says 2 x 2 x 2 elements, which makes 24; it is damaged"
            ),
        ] as [([UInt8], String)])
    func `a fault of an IDX file is named`(bytes: [UInt8], message: String) {
        let description = Self.description(
            .idx, .init(["images"], targets: "labels"), input: .image(height: 2, width: 2, channels: 1))
        let error = #expect(throws: DatasetError.self) {
            try Reading.train(["images": bytes, "labels": Self.idx(8, [2], [1, 0])], description)
        }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        (
            3072, 0, 32,
            "1.bin: the file has 3072 bytes, which is no multiple of a record's 3073; "
                + "it is damaged or of another format"
        ),
        (3073, 2, 32, "1.bin: row 0: the label is 2; expected 0 to 1, as the data set has 2 classes"),
        (0, 0, 32, "1.bin: the file is empty"),
        (
            3073, 0, 16,
            "1.bin: records of CIFAR-10 are 3 x 32 x 32, and the data set's input is 3 x 16 x 32; "
                + "write 'input: {kind: image, height: 32, width: 32, channels: 3}'"
        ),
    ])
    func `a fault of records is named`(count: Int, label: UInt8, height: Int, message: String) {
        let description = DatasetDescription(
            name: "cifar", task: .classification(classes: ["a", "b"]),
            input: .image(height: height, width: 32, channels: 3), format: .cifar10, train: .init(["1.bin"]))
        let error = #expect(throws: DatasetError.self) {
            try Reading.train(["1.bin": Array(repeating: label, count: count)], description)
        }
        #expect(error?.description == message)
    }

    // MARK: - Archives

    static let archived = description(
        .npz(isChannelsLast: false), .init(["a.npz"], targets: "y_train", examples: "x_train"))

    @Test func `what is not in an archive is named with what is`() {
        let error = #expect(throws: DatasetError.self) {
            try Reading.train(
                ["a.npz": Array(#require(Self.packed))],
                Self.description(.npz(isChannelsLast: false), .init(["a.npz"], examples: "x_test")))
        }
        #expect(error?.description == "a.npz: no array 'x_test' in the archive; it has x_train, y_train")
        #expect(error?.code == .unknownColumn)
    }

    @Test func `a compressed array beyond the limit is refused`() {
        let error = #expect(throws: DatasetError.self) {
            try Reading.train(["a.npz": Array(#require(Self.packed))], Self.archived, memory: 100)
        }
        #expect(
            error?.description
                == "a.npz/x_train.npy: the array is compressed and has 176 bytes, more than --data-memory; "
                + "give it more, or save the array with numpy.savez or numpy.save, which are read from disk")
    }

    @Test func `damaged archives are refused`() throws {
        let archive = Array(try #require(Self.packed))
        func message(_ change: (inout [UInt8]) -> Void) -> String? {
            var bytes = archive
            change(&bytes)
            return #expect(throws: DatasetError.self) { try Reading.train(["a.npz": bytes], Self.archived) }?
                .description
        }
        let damaged = "a.npz: the archive is damaged: a member is not what its list says; write it anew"
        #expect(message { $0 = [] } == "a.npz: no archive of NumPy: it does not end in a list of members")
        // A byte of the deflated data, the size in the list, the number of members.
        #expect(message { $0[100] ^= 1 } == damaged)
        #expect(message { $0[0x12b + 27] = 255 } == damaged)
        #expect(message { $0[$0.count - 12] = 200 } == damaged)
        #expect(
            message { $0[0x12b + 10] = 12 }
                == "a.npz: 'x_train.npy' is encrypted or packed in another way than numpy.savez does; write it with that"
        )
        #expect(
            message { for index in 1...4 { $0[$0.count - 2 - index] = 255 } }
                == "a.npz: archives of 4 GiB and more are not read; save each array as an .npy file of its own")
    }
}
