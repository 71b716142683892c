package import Checkpoints
package import Foundation
package import Planning

/// Which stage of a run is meant.
package struct StageIdentity: Hashable, Sendable {
    /// The index of the stage in the nodes of the plan's graph.
    package let index: Int
    /// The name of the recipe.
    package let recipe: String
    /// The name of the stage in its recipe.
    package let id: String
    /// The stage kind.
    package let kind: String
    /// The content address of what the stage makes.
    package let key: StageKey

    package init(index: Int, recipe: String, id: String, kind: String, key: StageKey) {
        self.index = index
        self.recipe = recipe
        self.id = id
        self.kind = kind
        self.key = key
    }
}

/// How a stage of a run ended.
package enum StageStatus: String, Hashable, Sendable {
    /// It was made in this run.
    case ran
    /// Its record was there, or another stage of the run made it.
    case reused
    /// It threw an error.
    case failed
    /// It was not started.
    case skipped
    /// It was stopped, and goes on from its checkpoint when the same command runs again.
    case interrupted
}

/// One stage of a run, at its end.
package struct StageReport: Sendable {
    /// Which stage it is.
    package let stage: StageIdentity
    /// How it ended.
    package let status: StageStatus
    /// When it began.
    package let started: Date
    /// How long it took.
    package let seconds: Double
    /// How much of that it spent on checkpoints, if it ran.
    package let checkpointSeconds: Double?
    /// What it made, if it ran or was reused.
    package let record: Record?
    /// Why it failed or was skipped.
    package let message: String?
    /// Options with values with which it may not fail again, as ``MendableError`` has them.
    package let settings: [String]

    package init(
        _ stage: StageIdentity, _ status: StageStatus, started: Date, seconds: Double = 0,
        checkpointSeconds: Double? = nil, record: Record? = nil,
        message: String? = nil, settings: [String] = []
    ) {
        self.stage = stage
        self.status = status
        self.started = started
        self.seconds = seconds
        self.checkpointSeconds = checkpointSeconds
        self.record = record
        self.message = message
        self.settings = settings
    }
}
