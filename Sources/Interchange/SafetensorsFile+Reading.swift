package import Foundation
internal import Tensors

// MARK: - Reading

extension SafetensorsFile {
    /// The longest header that is read, as the format's own reader has it.
    private static let headerLimit = 100_000_000

    /// Reads a whole file and checks all of it: every byte belongs to the header or to exactly one tensor.
    ///
    /// - Throws: ``InterchangeError`` with code `truncated`, `notSafetensors`, `invalidTensor` or `unsupportedType`.
    package init(decoding data: Data) throws(InterchangeError) {
        let bytes = [UInt8](data)
        let start = try Self.headerEnd(bytes)
        let header = try Header(parsing: Data(bytes[8..<start]))
        var position = 0
        var previous = ""
        var tensors: [String: Tensor] = [:]
        for (name, entry) in header.entries.sorted(by: { ($0.value.offsets, $0.key) < ($1.value.offsets, $1.key) }) {
            let (type, shape) = try entry.checked(name: name)
            let (begin, end) = (entry.offsets[0], entry.offsets[1])
            guard begin >= position else { throw .overlap(name, previous) }
            guard begin == position else { throw .gap(from: position, to: begin, before: name) }
            guard end <= bytes.count - start else { throw .truncatedData(ends: start, after: end, size: bytes.count) }
            tensors[name] = Tensor(shape: shape, storage: Storage(bytes[start + begin..<start + end], type))
            (position, previous) = (end, name)
        }
        guard position == bytes.count - start else { throw .trailing(bytes.count - start - position) }
        self.init(metadata: header.metadata, tensors: tensors)
    }

    /// Where the header ends and the tensors begin.
    private static func headerEnd(_ bytes: [UInt8]) throws(InterchangeError) -> Int {
        guard bytes.count >= 8 else { throw .noLength(size: bytes.count) }
        var length: UInt64 = 0
        for index in 0..<8 { length |= UInt64(bytes[index]) << UInt64(8 * index) }
        guard length <= UInt64(headerLimit) else { throw .headerTooLong(length) }
        let end = 8 + Int(length)
        guard end <= bytes.count else { throw .truncatedHeader(ends: end, size: bytes.count) }
        return end
    }
}

private typealias Storage = Tensor.Storage

extension Tensor.Storage {
    /// Elements from their little-endian bytes.
    fileprivate init(_ bytes: ArraySlice<UInt8>, _ type: ElementType) {
        func word(at index: Int) -> UInt32 {
            let low = UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8
            return low | UInt32(bytes[index + 2]) << 16 | UInt32(bytes[index + 3]) << 24
        }
        func words<Element>(_ convert: (UInt32) -> Element) -> [Element] {
            stride(from: bytes.startIndex, to: bytes.endIndex, by: 4).map { convert(word(at: $0)) }
        }
        switch type {
        case .float32: self = .float32(words { Float(bitPattern: $0) })
        case .float64:
            self = .float64(
                stride(from: bytes.startIndex, to: bytes.endIndex, by: 8).map {
                    Double(bitPattern: UInt64(word(at: $0)) | UInt64(word(at: $0 + 4)) << 32)
                })
        case .int8: self = .int8(bytes.map { Int8(bitPattern: $0) })
        case .int32: self = .int32(words { Int32(bitPattern: $0) })
        case .bfloat16:
            self = .bfloat16(
                stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map { index in
                    BFloat16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)
                })
        }
    }
}

private func < (left: ([Int], String), right: ([Int], String)) -> Bool {
    left.0 == right.0 ? left.1 < right.1 : left.0.lexicographicallyPrecedes(right.0)
}

extension Header.Entry {
    /// The element type and shape, after a check that they fit the offsets.
    fileprivate func checked(name: String) throws(InterchangeError) -> (ElementType, Shape) {
        guard let type = ElementType(rawValue: dtype) else { throw .unsupportedType(name, dtype) }
        guard offsets.count == 2, offsets[0] >= 0, offsets[1] >= offsets[0] else { throw .offsets(name, offsets) }
        var (size, isSound) = (type.byteCount, true)
        for dimension in shape {
            let (product, overflows) = size.multipliedReportingOverflow(by: dimension)
            (size, isSound) = (product, isSound && dimension >= 0 && !overflows)
        }
        guard isSound, size == offsets[1] - offsets[0] else { throw .size(name, self) }
        return (type, Shape(shape))
    }
}

// MARK: - Messages

extension InterchangeError {
    fileprivate static func noLength(size: Int) -> Self {
        Self(
            .truncated,
            size == 0
                ? "the file is empty"
                : "the file is truncated: it has \(size) bytes, and a safetensors file begins with the 8 bytes of "
                    + "its header's length")
    }

    fileprivate static func headerTooLong(_ length: UInt64) -> Self {
        Self(
            .notSafetensors,
            "this is no safetensors file: its first 8 bytes, read as the length of the header, say \(length)")
    }

    fileprivate static func truncatedHeader(ends: Int, size: Int) -> Self {
        Self(.truncated, "the file is truncated: its header should end at byte \(ends), and it has \(size) bytes")
    }

    fileprivate static func truncatedData(ends start: Int, after end: Int, size: Int) -> Self {
        let (sum, overflows) = start.addingReportingOverflow(end)
        return Self(
            .truncated,
            "the file is truncated: its tensors should end at byte \(overflows ? end : sum), and it has \(size) bytes")
    }

    fileprivate static func trailing(_ count: Int) -> Self {
        Self(.invalidTensor, "\(count) \(count == 1 ? "byte follows" : "bytes follow") the last tensor")
    }

    fileprivate static func overlap(_ name: String, _ other: String) -> Self {
        Self(.invalidTensor, "tensor '\(name)' overlaps tensor '\(other)'")
    }

    fileprivate static func gap(from start: Int, to end: Int, before name: String) -> Self {
        Self(.invalidTensor, "bytes \(start) to \(end) of the data, before tensor '\(name)', belong to no tensor")
    }

    fileprivate static func unsupportedType(_ name: String, _ type: String) -> Self {
        let known = ElementType.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return Self(.unsupportedType, "tensor '\(name)' has the element type '\(type)'; known: \(known)")
    }

    fileprivate static func offsets(_ name: String, _ offsets: [Int]) -> Self {
        Self(.invalidTensor, "tensor '\(name)' has the data_offsets \(offsets); expected [begin, end]")
    }

    fileprivate static func size(_ name: String, _ entry: Header.Entry) -> Self {
        Self(
            .invalidTensor,
            "tensor '\(name)' is \(entry.dtype) with the shape \(entry.shape), which does not fill the "
                + "\(entry.offsets[1] - entry.offsets[0]) bytes of its data_offsets \(entry.offsets)")
    }
}
