internal import Checkpoints

/// A run that cannot leave what it should, or whose folder cannot be read.
package struct ExecutionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure this is.
    package struct Code: Hashable, Sendable {
        private let name: String

        /// The run's folder cannot be written.
        package static let output = Code(name: "output")
        /// A run's folder cannot be read.
        package static let unreadableRun = Code(name: "unreadableRun")
    }

    package let code: Code
    package let message: String

    package var description: String { message }
}

extension ExecutionError {
    init(output error: FileError) {
        self.init(code: .output, message: error.message(option: "--output"))
    }
}
