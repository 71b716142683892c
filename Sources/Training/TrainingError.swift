/// Why a network cannot be trained or measured.
package struct TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The loss, a score or a parameter is infinite or NaN.
        case diverged
        /// Options that need data which are not there, or that do not fit the data.
        case invalidOption = "invalid-option"
        /// Data that do not fit the network.
        case invalidData = "invalid-data"
        /// A checkpoint that another training wrote, or that is damaged.
        case invalidCheckpoint = "invalid-checkpoint"
    }

    package let code: Code
    package let message: String
    /// The option that asks for what cannot be, if it is one.
    package let option: String?
    /// The value of the option, where another one may do.
    package let value: Double?
    /// What mends it, where that is not a part of the message.
    package let help: String?

    package init(
        _ code: Code, _ message: String, option: String? = nil, value: Double? = nil, help: String? = nil
    ) {
        self.code = code
        self.message = message
        self.option = option
        self.value = value
        self.help = help
    }

    package var description: String { help.map { "\(message); \($0)" } ?? message }
}
