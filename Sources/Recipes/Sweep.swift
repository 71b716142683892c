package import Diagnostics
internal import Documents
internal import RecipeSyntax

/// What a recipe varies, and what it looks for.
package struct Sweep: Sendable {
    /// The options that differ from point to point, in the order of the file.
    let parameters: [Parameter]

    /// How many points are drawn; `nil` for every combination of the values.
    package let samples: Int?

    package let objective: Objective?

    /// One option that is varied.
    struct Parameter: Sendable {
        let path: String
        let span: SourceSpan
        let values: Values
    }

    enum Values: Sendable {
        case list([SweepValue])
        case range(SweepRange)
    }

    /// The most points that a sweep can have.
    package static let largestCount = 10_000

    package static let schema = ObjectSchema([
        OptionSchema(
            "parameters", .map(of: .any([.list(of: .anything, minimum: 1), .object(SweepRange.schema)])), .required,
            "a mapping from the paths of options to the values to try: a list, or a range to draw from"),
        OptionSchema(
            "samples", .integer(1...largestCount),
            "how many points are drawn by the recipe's seed; every combination of the values if left out"),
        OptionSchema(
            "objective",
            .object(
                ObjectSchema(
                    [
                        OptionSchema("maximize", .text, "the path of a result, such as evaluate.accuracy"),
                        OptionSchema("minimize", .text, "the path of a result, such as evaluate.loss"),
                        OptionSchema("subjectTo", .map(of: .requirement), "requirements on the paths of results"),
                    ], groups: [.exactlyOne(["maximize", "minimize"])])),
            "what is best"),
    ])
}

/// What makes a point of a sweep better than another.
package struct Objective: Sendable {
    package enum Direction: String, Sendable {
        case maximize, minimize
    }

    package let direction: Direction
    package let result: ResultPath

    /// Requirements on results, in the order of the file.
    package let constraints: [Constraint]

    package init(_ direction: Direction, _ result: ResultPath, subjectTo constraints: [Constraint] = []) {
        self.direction = direction
        self.result = result
        self.constraints = constraints
    }

    package struct Constraint: Sendable {
        package let result: ResultPath
        package let requirement: Requirement

        /// Where the requirement stands.
        package let span: SourceSpan
    }
}

/// A result of a stage: `evaluate.accuracy`.
package struct ResultPath: Sendable, CustomStringConvertible {
    package let stage: String

    /// The name that `require` knows it by: a metric, `memory`, `totalParameters`, ...
    package let metric: String

    /// Where the path stands.
    package let span: SourceSpan

    package init(stage: String, metric: String, at span: SourceSpan) {
        self.stage = stage
        self.metric = metric
        self.span = span
    }

    package var description: String { "\(stage).\(metric)" }
}

/// A value of an option that is varied.
struct SweepValue: Sendable {
    /// As it was written, or drawn.
    let node: Node

    /// The canonical form, by which equal points are known.
    let canonical: JSONValue
}
