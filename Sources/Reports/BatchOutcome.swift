package import Execution

/// What a command with one or many recipes came to: what the reports for continuous integration are made of.
package struct BatchOutcome: Sendable {
    /// One recipe of the command.
    package struct Entry: Sendable {
        /// The name of the recipe, or its file if it could not be read.
        package var name: String
        /// How it ran; `nil` if nothing was started.
        package var run: RunRecord?
        /// Why it could not be started, as a person reads it: the faults of the recipe; `nil` if it has none.
        package var fault: String?
        /// In what it differs from its lock file; `nil` if it was not compared with one.
        package var differences: [String]?

        package init(name: String, run: RunRecord? = nil, fault: String? = nil, differences: [String]? = nil) {
            self.name = name
            self.run = run
            self.fault = fault
            self.differences = differences
        }
    }

    /// The recipes, in the order of the command.
    package var entries: [Entry]
    /// The status with which the command ends.
    package var exitStatus: Int32
    /// How long it took.
    package var seconds: Double
    /// The version of the program.
    package var version: String
    /// The command that goes on from there, if there is something to go on with.
    package var command: String?

    package init(
        entries: [Entry], exitStatus: Int32, seconds: Double = 0, version: String, command: String? = nil
    ) {
        self.entries = entries
        self.exitStatus = exitStatus
        self.seconds = seconds
        self.version = version
        self.command = command
    }
}
