import Foundation
import Interchange
import Tensors
import Testing

@Suite struct SafetensorsFileTests {
    private static let file = SafetensorsFile(
        metadata: ["b/\"c": "é\n", "a": ""],
        tensors: [
            "z": Tensor([1, -2.5], shape: [2, 1]),
            "a": Tensor(shape: [3], storage: .int8([-128, 0, 127])),
            "m": Tensor(shape: [], storage: .int32([-2])),
            "empty": Tensor([], shape: [0, 4]),
        ])

    /// A file with the given header text and zeros as data.
    private static func file(header: String, data count: Int = 0) -> Data {
        let length = UInt64(header.utf8.count)
        return Data((0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) })
            + Data(header.utf8) + Data(count: count)
    }

    @Test func `the bytes of a small file are pinned`() throws {
        let file = SafetensorsFile(
            metadata: ["k": "v"],
            tensors: ["b": Tensor([1]), "a": Tensor(shape: [2], storage: .int8([1, -1]))])
        let header =
            #"{"__metadata__":{"k":"v"},"a":{"data_offsets":[0,2],"dtype":"I8","shape":[2]},"#
            + #""b":{"data_offsets":[2,6],"dtype":"F32","shape":[1]}}"#
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        let expected = Self.file(header: padded) + Data([1, 255, 0, 0, 0x80, 0x3f])
        #expect(file.encoded == expected)
        #expect((expected.count - 6) % 8 == 0)
    }

    @Test func `a file reads back equal, and so do its bytes`() throws {
        let data = Self.file.encoded
        let read = try SafetensorsFile(decoding: data)
        #expect(read == Self.file)
        #expect(read.encoded == data)
    }

    @Test func `every float keeps its bits`() throws {
        let patterns: [UInt32] = [0, 0x8000_0000, 1, 0x7f80_0000, 0xff80_0000, 0x7fc0_1234, 0x7f7f_ffff, 0x3eaa_aaab]
        let file = SafetensorsFile(tensors: ["x": Tensor(patterns.map { Float(bitPattern: $0) })])
        let read = try SafetensorsFile(decoding: file.encoded)
        #expect(read.tensors["x"]?.floats.map(\.bitPattern) == patterns)
    }

    @Test func `a file without tensors is a file`() throws {
        let empty = SafetensorsFile(tensors: [:])
        #expect(try SafetensorsFile(decoding: empty.encoded) == empty)
    }

    @Test func `a file cut anywhere is refused`() {
        let data = Self.file.encoded
        for count in 0..<data.count {
            #expect(throws: InterchangeError.self, "cut to \(count) bytes") {
                try SafetensorsFile(decoding: data.prefix(count))
            }
        }
    }

    @Test func `a flipped bit of the header is read or refused, but never stops the program`() {
        let data = Self.file.encoded
        let header = data.count - 15
        var refused = 0
        for index in 0..<header {
            for bit in 0..<8 {
                var damaged = data
                damaged[index] ^= 1 << UInt8(bit)
                if (try? SafetensorsFile(decoding: damaged)) == nil { refused += 1 }
            }
        }
        // Names and strings can change into others; the structure cannot.
        #expect(refused > header * 8 / 2)
    }

    static let faults: [(Data, InterchangeError)] = [
        (Data(), InterchangeError(.truncated, "the file is empty")),
        (
            Data([1, 2, 3]),
            InterchangeError(
                .truncated,
                "the file is truncated: it has 3 bytes, and a safetensors file begins with the 8 bytes of its "
                    + "header's length")
        ),
        (
            Data("version: 1\nlayers: []\n".utf8),
            InterchangeError(
                .notSafetensors,
                "this is no safetensors file: its first 8 bytes, read as the length of the header, say "
                    + "\(UInt64(0x3a6e_6f69_7372_6576))")
        ),
        (
            file(header: "{}").prefix(9),
            InterchangeError(
                .truncated, "the file is truncated: its header should end at byte 10, and it has 9 bytes")
        ),
        (file(header: "{]"), InterchangeError(.notSafetensors, "this is no safetensors file: its header is not JSON")),
        (
            file(header: "[1]"),
            InterchangeError(.notSafetensors, "this is no safetensors file: its header is not a JSON object")
        ),
        (
            file(header: #"{"__metadata__":{"a":1}}"#),
            InterchangeError(
                .notSafetensors,
                "this is no safetensors file: its header has a '__metadata__' that does not map strings to strings")
        ),
        (
            file(header: #"{"w":{"dtype":"F32","shape":[1]}}"#),
            InterchangeError(
                .notSafetensors,
                "this is no safetensors file: its header has an entry 'w' without a sound dtype, shape and data_offsets"
            )
        ),
        (
            file(header: #"{"w":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}"#, data: 8),
            InterchangeError(
                .unsupportedType, "tensor 'w' has the element type 'F16'; known: 'F32', 'F64', 'I8', 'I32', 'BF16'")
        ),
        (
            file(header: #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4]}}"#, data: 4),
            InterchangeError(.invalidTensor, "tensor 'w' has the data_offsets [4]; expected [begin, end]")
        ),
        (
            file(header: #"{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}}"#, data: 20),
            InterchangeError(
                .invalidTensor,
                "tensor 'w' is F32 with the shape [2, 3], which does not fill the 20 bytes of its data_offsets [0, 20]")
        ),
        (
            file(header: #"{"w":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}"#, data: 4),
            InterchangeError(
                .invalidTensor,
                "tensor 'w' is F32 with the shape [-1, -1], which does not fill the 4 bytes of its data_offsets [0, 4]")
        ),
        (
            file(
                header: #"{"w":{"dtype":"I8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#),
            InterchangeError(
                .invalidTensor,
                "tensor 'w' is I8 with the shape [4294967296, 4294967296], which does not fill the 0 bytes of its "
                    + "data_offsets [0, 0]")
        ),
        (
            file(header: #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, data: 5),
            InterchangeError(
                .truncated, "the file is truncated: its tensors should end at byte 70, and it has 67 bytes")
        ),
        (
            file(header: #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data: 5),
            InterchangeError(.invalidTensor, "1 byte follows the last tensor")
        ),
        (
            file(header: #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#, data: 6),
            InterchangeError(.invalidTensor, "bytes 0 to 2 of the data, before tensor 'w', belong to no tensor")
        ),
        (
            file(
                header: #"{"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
                    + #""w":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#, data: 6),
            InterchangeError(.invalidTensor, "tensor 'w' overlaps tensor 'v'")
        ),
    ]

    @Test(arguments: faults)
    func `a file that is not sound is refused with the reason`(data: Data, error: InterchangeError) {
        #expect(throws: error) { try SafetensorsFile(decoding: data) }
    }
}
