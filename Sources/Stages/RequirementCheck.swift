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
    /// A requirement whose metric is not defined, of the network or of the one that it is relative to, is not met.
    ///
    /// - Parameters:
    ///   - gated: The network that is gated.
    ///   - reference: The network of the stage that the requirement names, if it names one.
    static func row(
        metric: String, requirement: Requirement, gated: RowMeasurement, reference: RowMeasurement?
    ) -> (row: JSONValue, isMet: Bool) {
        let value = gated.measure(metric)
        let relative = reference?.measure(metric)
        let bound = relative?.isFinite == false ? Double.nan : requirement.bound(reference: relative)
        let isMet = bound.isFinite && requirement.isMet(by: value, reference: relative)
        var row: JSONValue = [
            "metric": .string(metric), "required": .string(requirement.description), "bound": .number(bound),
            "measured": .number(value), "met": .boolean(isMet),
        ]
        if let reason = gated.reason(metric) ?? reference?.reason(metric) { row["reason"] = .string(reason) }
        return (row, isMet)
    }
}
