package import Documents
package import Foundation

/// Computes stages; the one door between the workflow half and the model half.
package protocol StageRunner: Sendable {
    /// Makes what a specification asks for.
    ///
    /// It is called on a thread of the stage's own and may take hours. Its outcome is a pure function of the key.
    /// When ``StageWork/checkCancellation()`` throws, the error is to be passed on after a checkpoint was saved.
    func run(_ work: StageWork) throws -> StageOutcome
}

/// What a stage made.
package struct StageOutcome: Sendable {
    /// What it found: metrics, counts, history.
    package var result: JSONValue
    /// The files of its record, such as `network.safetensors`.
    package var outputs: [String: Data]
    /// Whether every requirement and goal was met; if not, the exit status is 3.
    package var requirementsMet: Bool

    package init(result: JSONValue, outputs: [String: Data] = [:], requirementsMet: Bool = true) {
        self.result = result
        self.outputs = outputs
        self.requirementsMet = requirementsMet
    }
}

/// How far a stage is.
package struct StageProgress: Hashable, Sendable {
    /// The share of the work that is done, from 0 to 1.
    package var fraction: Double
    /// What is going on, such as `epoch 12 of 60`.
    package var what: String
    /// Numbers to show beside it.
    package var metrics: JSONValue

    package init(fraction: Double, what: String, metrics: JSONValue = [:]) {
        self.fraction = fraction
        self.what = what
        self.metrics = metrics
    }
}
