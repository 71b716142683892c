/// Why data cannot be used: a file that does not say what its description says, or a choice that is not there.
package struct DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case emptyFile = "empty-file"
        /// A file or folder that the system does not open.
        case unreadableFile = "unreadable-file"
        /// A file that is not any more what it was when it was checked.
        case changedFile = "changed-file"
        /// A kind of content that the format can have and that is not read.
        case unsupportedContent = "unsupported-content"
        /// Text where the format wants something else, or no `@data`.
        case malformedFile = "malformed-file"
        /// A case with another number of channels or steps than the description says.
        case wrongShape = "wrong-shape"
        case notANumber = "not-a-number"
        case missingValue = "missing-value"
        case nonFiniteValue = "non-finite-value"
        case unknownLabel = "unknown-label"
        case unknownChannel = "unknown-channel"
        /// A column of a table, or a member of an archive, that is not there.
        case unknownColumn = "unknown-column"
        /// A class without a case to learn it from.
        case emptyClass = "empty-class"
        /// Splits that name the same case.
        case overlappingSplits = "overlapping-splits"
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
