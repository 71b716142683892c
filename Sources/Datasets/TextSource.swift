internal import Kernels
internal import Tensors

/// Examples in a text file, each in some lines of its own, that are parsed each time they are read.
@safe struct TextSource: ExampleSource {
    typealias Parser = @Sendable (_ bytes: [UInt8], _ target: Floats) throws(DatasetError) -> Void

    let shape: Shape
    private let file: DataFile
    private let places: [Range<Int>]
    private let parse: Parser

    /// - Parameters:
    ///   - places: Where in the file each example stands.
    ///   - parse: Writes the example that some bytes are.
    init(_ file: DataFile, shape: Shape, places: [Range<Int>], parse: @escaping Parser) {
        self.file = file
        self.shape = shape
        self.places = places
        unsafe self.parse = parse
    }

    var count: Int { places.count }

    func read(_ row: Int, to target: Floats) throws(DatasetError) {
        unsafe try parse(file.read(places[row]), target)
    }
}

/// Parts of lines.
enum TextParts {
    /// The range without spaces, tabs and carriage returns at its ends.
    static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(bytes[start]) { start += 1 }
        while start < end, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    static func string(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// A finite number.
    ///
    /// - Parameter place: What the message calls it, such as `channel 'x', value 3`.
    /// - Throws: ``DatasetError`` for text that is none, for a missing value, and for one that no float can hold.
    static func number(
        _ bytes: [UInt8], _ range: Range<Int>, _ file: String, _ line: Int, _ place: @autoclosure () -> String
    ) throws(DatasetError) -> Float {
        switch DecimalNumber.read(bytes, range) {
        case .finite(let number): return number
        case .notFinite: throw .notFinite(file, line, place(), string(bytes, range))
        case .missing: throw .missing(file, line, place(), string(bytes, range))
        case .notANumber: throw .notANumber(file, line, place(), string(bytes, range))
        }
    }
}

extension String {
    /// The beginning of a text that may be long.
    var shortened: String { count > 32 ? prefix(32) + "..." : self }
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func notANumber(_ file: String, _ line: Int, _ place: String, _ text: String) -> Self {
        Self(.notANumber, file: file, line: line, "\(place) is '\(text.shortened)'; expected a number")
    }

    fileprivate static func missing(_ file: String, _ line: Int, _ place: String, _ text: String) -> Self {
        Self(
            .missingValue, file: file, line: line,
            "\(place) is missing ('\(text)'); fill it in or leave the case out")
    }

    fileprivate static func notFinite(_ file: String, _ line: Int, _ place: String, _ text: String) -> Self {
        Self(
            .nonFiniteValue, file: file, line: line,
            "\(place) is '\(text.shortened)', which is no finite 32-bit number")
    }

    static func unknownLabel(_ file: String, _ line: Int, _ label: String, _ known: [String]) -> Self {
        Self(
            .unknownLabel, file: file, line: line,
            "the label '\(label.shortened)' is none of the data set's labels: \(known.joined(separator: ", "))")
    }
}
