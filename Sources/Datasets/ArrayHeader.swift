/// How numbers lie in a binary file.
struct ArrayHeader: Hashable, Sendable {
    enum Element: Hashable, Sendable, CaseIterable {
        case uint8
        case int8
        case uint16
        case int16
        case int32
        case int64
        case float32
        case float64

        var size: Int {
            switch self {
            case .uint8, .int8: 1
            case .uint16, .int16: 2
            case .int32, .float32: 4
            case .int64, .float64: 8
            }
        }

        var isFloat: Bool { self == .float32 || self == .float64 }
    }

    var element: Element
    var isBigEndian: Bool
    /// The sizes of all dimensions, the first one counting examples.
    var dimensions: [Int]
    /// Where the first element lies.
    var offset: Int

    /// How many bytes all elements take, or `nil` if the number is absurd.
    var byteCount: Int? {
        var product = element.size
        for dimension in dimensions {
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            if overflow || next > 1 << 48 { return nil }
            product = next
        }
        return product
    }
}

// MARK: - IDX

extension ArrayHeader {
    /// Reads the header of an IDX file (LeCun, "The MNIST database"): two zeros, the type, the number of dimensions, and
    /// their sizes, big-endian as all that follows.
    ///
    /// - Throws: ``DatasetError`` if it is none, or if the file is longer or shorter than it says.
    init(idx bytes: any Bytes, _ file: String) throws(DatasetError) {
        let start = try bytes.read(0..<min(4, bytes.count))
        guard start.count == 4, start[0] == 0, start[1] == 0 else { throw .notIDX(file) }
        let types: [UInt8: Element] = [
            0x08: .uint8, 0x09: .int8, 0x0b: .int16, 0x0c: .int32, 0x0d: .float32, 0x0e: .float64,
        ]
        guard let element = types[start[2]] else { throw .idxType(file, start[2]) }
        let count = Int(start[3])
        guard (1...8).contains(count), bytes.count >= 4 + 4 * count else { throw .notIDX(file) }
        let sizes = try bytes.read(4..<4 + 4 * count)
        self.init(
            element: element, isBigEndian: true,
            dimensions: (0..<count).map { index in
                sizes[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | Int($1) }
            }, offset: 4 + 4 * count)
        try check(bytes, file)
    }

    /// The file has to hold what its header says, and nothing else.
    private func check(_ bytes: any Bytes, _ file: String) throws(DatasetError) {
        guard let byteCount, offset + byteCount == bytes.count else {
            throw .length(file, found: bytes.count, dimensions, byteCount.map { $0 + offset })
        }
    }
}

// MARK: - NumPy

extension ArrayHeader {
    /// Reads the header of a NumPy file (NEP 1, versions 1 to 3).
    ///
    /// - Throws: ``DatasetError`` if it is none, if its elements or their order are not read, or if the file is longer
    ///   or shorter than it says.
    init(numpy bytes: any Bytes, _ file: String) throws(DatasetError) {
        let start = try bytes.read(0..<min(12, bytes.count))
        guard start.count >= 10, start.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(start[6]) else {
            throw .notNumPy(file)
        }
        let lengthSize = start[6] == 1 ? 2 : 4
        guard start.count >= 8 + lengthSize else { throw .notNumPy(file) }
        let length = start[8..<8 + lengthSize].reversed().reduce(0) { $0 << 8 | Int($1) }
        let first = 8 + lengthSize
        guard length <= 1 << 16, first + length <= bytes.count else { throw .notNumPy(file) }
        let text = String(decoding: try bytes.read(first..<first + length), as: UTF8.self)
        guard let fields = NumPyDictionary(text) else { throw .notNumPy(file) }
        let types: [String: Element] = [
            "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16, "i4": .int32, "i8": .int64, "f4": .float32,
            "f8": .float64, "b1": .uint8,
        ]
        guard let order = fields.type.first, "<>|=".contains(order),
            let element = types[String(fields.type.dropFirst())]
        else { throw .numPyType(file, fields.type) }
        guard !fields.isFortran || fields.shape.count == 1 else { throw .fortran(file) }
        guard !fields.shape.isEmpty else { throw .scalar(file) }
        self.init(
            element: element, isBigEndian: order == ">", dimensions: fields.shape, offset: first + length)
        try check(bytes, file)
    }
}

/// The dictionary in the header of a NumPy file: a literal of Python with three keys.
private struct NumPyDictionary {
    var type = ""
    var isFortran = false
    var shape: [Int] = []

    /// `nil` if the text is anything but `{'descr': '...', 'fortran_order': True|False, 'shape': (n, ...), }`.
    init?(_ text: String) {
        var rest = Substring(text)
        func skip() { rest = rest.drop { " ,\n".contains($0) } }
        func take(_ word: String) -> Bool {
            guard rest.hasPrefix(word) else { return false }
            rest = rest.dropFirst(word.count)
            skip()
            return true
        }
        func quoted() -> String? {
            guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
            let body = rest.dropFirst().prefix { $0 != quote }
            rest = rest.dropFirst(body.count + 2)
            skip()
            return String(body)
        }
        var found: Set<String> = []
        skip()
        guard take("{") else { return nil }
        while !take("}") {
            guard let key = quoted(), found.insert(key).inserted, take(":") else { return nil }
            switch key {
            case "descr":
                guard let text = quoted() ?? structured(&rest) else { return nil }
                type = text
            case "fortran_order":
                isFortran = rest.hasPrefix("True")
                guard take("True") || take("False") else { return nil }
            case "shape":
                guard take("(") else { return nil }
                while !take(")") {
                    let digits = rest.prefix { $0.isASCII && $0.isNumber }
                    guard let size = Int(digits), size <= 1 << 40, shape.count < 8 else { return nil }
                    shape.append(size)
                    rest = rest.dropFirst(digits.count)
                    skip()
                }
            default: return nil
            }
        }
        guard rest.isEmpty, found.count == 3 else { return nil }
    }

}

/// A list of fields, which is no type that is read; what follows is not looked at.
private func structured(_ rest: inout Substring) -> String? {
    guard rest.first == "[", let end = rest.lastIndex(of: "]") else { return nil }
    defer { rest = rest[rest.index(after: end)...].drop { " ,\n".contains($0) } }
    return String(rest[...end])
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func notIDX(_ file: String) -> Self {
        Self(
            .malformedFile, file: file,
            "no IDX file: it does not begin with two zeros, a type and its dimensions; "
                + "unpack it if it is compressed")
    }

    fileprivate static func idxType(_ file: String, _ type: UInt8) -> Self {
        Self(.malformedFile, file: file, "no IDX file: its type \(type) is none of 8, 9, 11, 12, 13, 14")
    }

    fileprivate static func notNumPy(_ file: String) -> Self {
        Self(.malformedFile, file: file, "no NumPy file: it does not begin with the header that numpy.save writes")
    }

    fileprivate static func numPyType(_ file: String, _ type: String) -> Self {
        Self(
            .unsupportedContent, file: file,
            "its elements are '\(type.shortened)'; expected f4, f8, u1, i1, u2, i2, i4, i8 or b1: convert it with astype"
        )
    }

    fileprivate static func fortran(_ file: String) -> Self {
        Self(
            .unsupportedContent, file: file,
            "its elements are in Fortran order; save numpy.ascontiguousarray of it")
    }

    fileprivate static func scalar(_ file: String) -> Self {
        Self(
            .wrongShape, file: file, "it holds a single number; expected an array whose first dimension counts examples"
        )
    }

    fileprivate static func length(_ file: String, found: Int, _ dimensions: [Int], _ expected: Int?) -> Self {
        Self(
            .malformedFile, file: file,
            "the file has \(found) bytes, and its header says \(dimensions.map(String.init).joined(separator: " x ")) "
                + "elements" + (expected.map { ", which makes \($0)" } ?? "") + "; it is damaged")
    }
}
