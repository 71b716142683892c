/// Why data cannot be used: a file that does not say what its description says, or a choice that is not there.
package struct DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case emptyFile = "empty-file"
        /// Text where the format wants something else, or no `@data`.
        case malformedFile = "malformed-file"
        /// A case with another number of channels or steps than the description says.
        case wrongShape = "wrong-shape"
        case notANumber = "not-a-number"
        case missingValue = "missing-value"
        case nonFiniteValue = "non-finite-value"
        case unknownLabel = "unknown-label"
        case unknownChannel = "unknown-channel"
        /// A split that would be left without a case.
        case emptySplit = "empty-split"
    }

    package let code: Code
    package let message: String
    /// The file at fault, if it is one file's.
    package let file: String?
    /// The line at fault, from 1.
    package let line: Int?

    package init(_ code: Code, file: String? = nil, line: Int? = nil, _ message: String) {
        self.code = code
        self.file = file
        self.line = line
        self.message = message
    }

    package var description: String {
        let place = [file, line.map(String.init)].compactMap { $0 }.joined(separator: ":")
        return place.isEmpty ? message : "\(place): \(message)"
    }
}
