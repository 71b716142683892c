internal import Documents
internal import Execution
internal import Foundation
internal import Training

/// A training that failed in a stage, with the options of that stage that may mend it.
struct TrainingFailure: MendableError, CustomStringConvertible {
    let error: TrainingError
    let settings: [String]

    /// - Parameter options: Those of the stage: wherever the value that failed stands, a tenth of it is offered.
    init(_ error: TrainingError, options: JSONValue) {
        self.error = error
        guard let option = error.option, let value = error.value else {
            settings = []
            return
        }
        let smaller = String(format: "%.3g", value / 10)
        settings = Self.paths(of: option, with: value, in: options).map { "\($0)=\(smaller)" }
    }

    var description: String { error.description }

    private static func paths(of option: String, with value: Double, in options: JSONValue) -> [String] {
        (options.members ?? [:]).sorted { $0.key < $1.key }.flatMap { name, member in
            name == option
                ? member.double == value ? [name] : []
                : paths(of: option, with: value, in: member).map { "\(name).\($0)" }
        }
    }
}
