package import Execution
package import Recipes

/// What came of one point of a sweep.
package struct SweepOutcome: Sendable {
    package let number: Int
    /// Options as `PATH=VALUE`.
    package let settings: [String]
    package let status: Status
    /// What the objective names, in its order.
    package private(set) var figures: [Figure] = []
    /// What the network of the objective's stage takes; without an objective, that of the last stage that has one.
    package private(set) var memoryBytes: Int?
    /// Whether every `require` and goal of the recipe was met.
    package private(set) var requirementsMet = false
    /// Whether every requirement of the objective was met.
    package private(set) var constraintsMet = false
    /// Why a stage failed, or why the run cannot be read.
    package private(set) var message: String?

    /// A result of a stage.
    package struct Figure: Sendable {
        /// `evaluate.accuracy`.
        package let path: String
        /// `accuracy`.
        package let metric: String
        /// `nil` if it is not known or not finite.
        package let value: Double?
    }

    package enum Status: String, Sendable {
        case done, failed
        /// Its run did not come to its end: it was stopped, or is going on.
        case unfinished
        /// It was not run.
        case missing
        /// Its run has other keys than the point.
        case outdated
    }

    /// Whether everything that was asked for was reached.
    package var isMet: Bool { status == .done && requirementsMet && constraintsMet }

    /// Judges the run of a point.
    ///
    /// - Parameter isCurrent: Whether the run has the keys of the point.
    package init(_ number: Int, settings: [String], run: RunRecord, objective: Objective?, isCurrent: Bool = true) {
        self.number = number
        self.settings = settings
        guard isCurrent else {
            status = .outdated
            return
        }
        let failed = run.stages.first { $0.status == .failed }
        let isWhole = run.stages.allSatisfy { $0.status == .ran || $0.status == .reused }
        status = failed != nil ? .failed : isWhole ? .done : .unfinished
        message = failed.map { "stage '\($0.id)' failed: \($0.message ?? "for an unknown reason")" }
        let found = SweepFigures(run: run)
        figures = (objective?.results ?? []).map {
            Figure(path: $0.description, metric: $0.metric, value: found.figure($0.metric, of: $0.stage))
        }
        let sized = objective.map { [$0.result.stage] } ?? run.stages.reversed().map(\.id)
        memoryBytes = sized.lazy.compactMap { found.figure("memory", of: $0) }.first.map { Int($0) }
        requirementsMet = status == .done && run.stages.allSatisfy(\.requirementsMet)
        constraintsMet = status == .done && (objective?.constraints.allSatisfy(found.isMet) ?? true)
    }

    /// A point without a run that can be read.
    init(_ number: Int, settings: [String], status: Status, message: String? = nil) {
        self.number = number
        self.settings = settings
        self.status = status
        self.message = message
    }
}

extension Objective {
    /// The result that is looked at first, then those with requirements, each once.
    package var results: [ResultPath] {
        ([result] + constraints.map(\.result)).reduce(into: []) { paths, path in
            if !paths.contains(where: { $0.description == path.description }) { paths.append(path) }
        }
    }
}
