package import Foundation

/// The `.ts` format of the time series archives (timeseriesclassification.com), with cases of equal length.
///
/// Lines that begin with `#` are comments, lines that begin with `@` are the header. After `@data` every line is a case:
/// one field a channel and the label at last, separated by colons; a channel is its values, separated by commas. What
/// the header says is not used: the data set's description says it, and every case is held against that.
package enum TimeSeriesFile {
    /// Reads a file.
    ///
    /// - Parameters:
    ///   - data: The bytes of the file.
    ///   - name: What messages call the file.
    ///   - description: The channels, steps and labels that every case must have.
    /// - Throws: ``DatasetError`` with the line, and with channel and value where it is one's fault.
    package static func read(
        _ data: Data, name: String, describedBy description: DatasetDescription
    ) throws(DatasetError) -> Dataset {
        let reader = TimeSeriesReader(bytes: [UInt8](data), file: name, description: description)
        return try reader.read()
    }
}

/// One reading of a `.ts` file.
private struct TimeSeriesReader {
    let bytes: [UInt8]
    let file: String
    let description: DatasetDescription

    func read() throws(DatasetError) -> Dataset {
        var values: [Float] = []
        var labels: [Int] = []
        values.reserveCapacity(bytes.count / 6)
        var (start, line, isInData) = (0, 0, false)
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let text = trimmed(start..<end)
            line += 1
            start = end + 1
            if text.isEmpty || bytes[text.lowerBound] == UInt8(ascii: "#") { continue }
            if isInData {
                labels.append(try readCase(text, line: line, into: &values))
            } else if bytes[text.lowerBound] == UInt8(ascii: "@") {
                isInData = string(text).lowercased() == "@data"
            } else {
                throw .beforeData(file, line, string(text))
            }
        }
        guard !bytes.isEmpty else { throw DatasetError(.emptyFile, file: file, "the file is empty") }
        guard isInData else { throw .noData(file) }
        guard !labels.isEmpty else { throw DatasetError(.emptyFile, file: file, "no case follows '@data'") }
        return Dataset(
            name: description.name, channels: description.input.channels, steps: description.input.steps,
            classes: description.labels, labels: labels, examples: values)
    }

    /// Appends the values of one case and gives its label.
    private func readCase(_ text: Range<Int>, line: Int, into values: inout [Float]) throws(DatasetError) -> Int {
        let channels = description.input.channels
        let fields = split(text, by: UInt8(ascii: ":"))
        guard fields.count == channels.count + 1 else {
            throw .channelCount(file, line, found: fields.count - 1, description)
        }
        for (channel, field) in zip(channels, fields) {
            var (position, count) = (field.lowerBound, 0)
            while position <= field.upperBound {
                var end = position
                while end < field.upperBound, bytes[end] != UInt8(ascii: ",") { end += 1 }
                let value = trimmed(position..<end)
                count += 1
                switch DecimalNumber.read(bytes, value) {
                case .finite(let number): values.append(number)
                case .notFinite: throw .notFinite(file, line, channel, count, string(value))
                case .missing: throw .missing(file, line, channel, count, string(value))
                case .notANumber: throw .notANumber(file, line, channel, count, string(value))
                }
                position = end + 1
            }
            guard count == description.input.steps else {
                throw .stepCount(file, line, channel, found: count, expected: description.input.steps)
            }
        }
        let label = string(trimmed(fields[channels.count]))
        guard let index = description.labels.firstIndex(of: label) else {
            throw .unknownLabel(file, line, label, description.labels)
        }
        return index
    }

    private func split(_ range: Range<Int>, by separator: UInt8) -> [Range<Int>] {
        var (parts, start): ([Range<Int>], Int) = ([], range.lowerBound)
        for index in range where bytes[index] == separator {
            parts.append(start..<index)
            start = index + 1
        }
        return parts + [start..<range.upperBound]
    }

    /// The range without spaces, tabs and carriage returns at its ends.
    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(bytes[start]) { start += 1 }
        while start < end, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    private func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func beforeData(_ file: String, _ line: Int, _ text: String) -> Self {
        Self(
            .malformedFile, file: file, line: line,
            "'\(shortened(text))' stands before '@data'; expected a comment ('#') or a header line ('@')")
    }

    fileprivate static func noData(_ file: String) -> Self {
        Self(.malformedFile, file: file, "no line '@data'; expected header lines, '@data' and one case a line")
    }

    fileprivate static func channelCount(
        _ file: String, _ line: Int, found: Int, _ description: DatasetDescription
    ) -> Self {
        let channels = description.input.channels
        return Self(
            .wrongShape, file: file, line: line,
            "the case has \(found) channel\(found == 1 ? "" : "s") before its label; the data set "
                + "'\(description.name)' has \(channels.count): \(channels.joined(separator: ", "))")
    }

    fileprivate static func stepCount(
        _ file: String, _ line: Int, _ channel: String, found: Int, expected: Int
    ) -> Self {
        Self(
            .wrongShape, file: file, line: line,
            "channel '\(channel)' has \(found) value\(found == 1 ? "" : "s"); expected \(expected) steps")
    }

    fileprivate static func notANumber(
        _ file: String, _ line: Int, _ channel: String, _ position: Int, _ text: String
    ) -> Self {
        Self(
            .notANumber, file: file, line: line,
            "channel '\(channel)', value \(position) is '\(shortened(text))'; expected a number")
    }

    fileprivate static func missing(
        _ file: String, _ line: Int, _ channel: String, _ position: Int, _ text: String
    ) -> Self {
        Self(
            .missingValue, file: file, line: line,
            "channel '\(channel)', value \(position) is missing ('\(text)'); fill it in or leave the case out")
    }

    fileprivate static func notFinite(
        _ file: String, _ line: Int, _ channel: String, _ position: Int, _ text: String
    ) -> Self {
        Self(
            .nonFiniteValue, file: file, line: line,
            "channel '\(channel)', value \(position) is '\(shortened(text))', which is no finite 32-bit number")
    }

    fileprivate static func unknownLabel(_ file: String, _ line: Int, _ label: String, _ known: [String]) -> Self {
        Self(
            .unknownLabel, file: file, line: line,
            "the label '\(shortened(label))' is none of the data set's labels: \(known.joined(separator: ", "))")
    }

    private static func shortened(_ text: String) -> String { text.count > 32 ? text.prefix(32) + "..." : text }
}
