internal import Documents
internal import Recipes

/// What the metrics of a requirement are, and whether they meet it.
enum RequirementCheck {
    /// Measured values of one network by the name that `require` gives them: accuracy from 0 to 1, memory in bytes.
    typealias Measures = [String: Double]

    /// The metrics that can be required.
    static let metrics = ["accuracy", "loss", "memory", "totalParameters", "learnables"]

    /// The row of one requirement in an artifact.
    ///
    /// - Parameters:
    ///   - measured: The measures of the network that is gated.
    ///   - references: The measures of each stage that a requirement may name.
    static func row(
        metric: String, requirement: Requirement, measured: Measures, references: [String: Measures]
    ) -> (row: JSONValue, isMet: Bool) {
        let reference = requirement.stage.flatMap { references[$0]?[metric] }
        let value = measured[metric] ?? .nan
        let isMet = requirement.isMet(by: value, reference: reference)
        let row: JSONValue = [
            "metric": .string(metric), "required": .string(requirement.description),
            "bound": .number(requirement.bound(reference: reference)), "measured": .number(value),
            "met": .boolean(isMet),
        ]
        return (row, isMet)
    }
}
