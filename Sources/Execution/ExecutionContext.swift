package import Documents
package import Foundation

/// Everything about a run that is measured and not computed: it reaches no result.
package struct ExecutionContext: Sendable {
    /// How many threads compute.
    package var threads: Int
    /// The machine, as the artifacts show it.
    package var host: JSONValue
    /// The instruction set that the kernels use; an inner checkpoint goes on only on the same one.
    package var instructionSet: String
    /// The versions of the program and its libraries.
    package var versions: JSONValue
    /// The time of day.
    package var date: @Sendable () -> Date
    /// Seconds on a clock that never goes back.
    package var uptime: @Sendable () -> Double

    package init(
        threads: Int = 1, host: JSONValue = [:], instructionSet: String = "", versions: JSONValue = [:],
        date: @escaping @Sendable () -> Date = { Date() },
        uptime: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime }
    ) {
        self.threads = threads
        self.host = host
        self.instructionSet = instructionSet
        self.versions = versions
        self.date = date
        self.uptime = uptime
    }
}
