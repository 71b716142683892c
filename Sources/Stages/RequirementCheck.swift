internal import Documents
internal import Recipes
internal import Training

/// What the metrics of a requirement are, and whether they meet it.
enum RequirementCheck {
    /// The metrics that can be required: shares from 0 to 1, memory in bytes.
    static let metrics = Metric.allCases.map(\.rawValue) + sizes
    /// Those that need no data.
    static let sizes = ["memory", "activationMemory", "totalParameters", "learnables", "macs"]

    /// The row of one requirement in an artifact.
    ///
    /// - Parameters:
    ///   - gated: The network that is gated.
    ///   - references: What each stage gives that a requirement may name.
    static func row(
        metric: String, requirement: Requirement, gated: RowMeasurement, references: [String: RowMeasurement]
    ) -> (row: JSONValue, isMet: Bool) {
        let reference = requirement.stage.flatMap { references[$0]?.measure(metric) }
        let value = gated.measure(metric)
        let isMet = requirement.isMet(by: value, reference: reference)
        var row: JSONValue = [
            "metric": .string(metric), "required": .string(requirement.description),
            "bound": .number(requirement.bound(reference: reference)), "measured": .number(value),
            "met": .boolean(isMet),
        ]
        if let reason = gated.reason(metric) { row["reason"] = .string(reason) }
        return (row, isMet)
    }
}
