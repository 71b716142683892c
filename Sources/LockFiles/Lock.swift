package import Documents

/// What a recipe's run is held to: which files and options it starts from, and what it comes to.
///
/// It stands beside the recipe as `NAME.lock.yaml` and is meant for version control.
package struct Lock: Hashable, Sendable {
    /// The format that this program reads and writes.
    package static let format = 1

    /// What is known before anything runs.
    package var basis: LockBasis
    /// The instruction set on which the results were computed; it is there to explain, and is not compared.
    package var instructionSet: String
    /// The sizes of the networks that stages make; exact.
    package var networks: [Network]
    /// What `evaluate` stages measure; within tolerances.
    package var measures: [Measure]

    package init(basis: LockBasis, instructionSet: String, networks: [Network], measures: [Measure]) {
        self.basis = basis
        self.instructionSet = instructionSet
        self.networks = networks
        self.measures = measures
    }

    /// The sizes of a network.
    package struct Network: Hashable, Sendable {
        /// The id of the stage that makes it.
        package var stage: String
        package var totalParameters: Int
        package var memoryBytes: Int
    }

    /// A figure of a network on data.
    package struct Measure: Hashable, Sendable {
        /// The id of the stage that measures it.
        package var stage: String
        /// The id of the stage whose network is measured.
        package var need: String
        package var metric: String
        package var expected: Double
        /// How far a run may be from what is expected, in the measure's own unit.
        package var tolerance: Double
    }
}

// MARK: - Results

/// What a stage of a run came to, as far as a lock is concerned.
package struct StageResult: Sendable {
    package var id: String
    /// The `result` member of its artifact.
    package var result: JSONValue

    package init(id: String, result: JSONValue) {
        self.id = id
        self.result = result
    }
}

extension Lock {
    /// Locks what stages came to.
    ///
    /// A figure that is not finite is left out.
    ///
    /// - Parameters:
    ///   - basis: What the run started from.
    ///   - results: What each stage came to, in recipe order.
    ///   - instructionSet: Where the results were computed.
    ///   - tolerances: In place of the earlier and the standard ones; the last one of a metric wins.
    ///   - earlier: The lock that this one is in place of: its tolerances stay.
    package init(
        _ basis: LockBasis, results: [StageResult], instructionSet: String, tolerances: [Tolerance] = [],
        inPlaceOf earlier: Lock? = nil
    ) {
        self.init(
            basis: basis, instructionSet: instructionSet, networks: results.compactMap(\.network),
            measures: results.flatMap { result in
                result.figures.map { need, metric, value in
                    let chosen = tolerances.last { $0.metric == metric }?.width(around: value)
                    let kept = earlier?.ownTolerance(of: metric, need: need, stage: result.id)
                    return Measure(
                        stage: result.id, need: need, metric: metric, expected: value,
                        tolerance: chosen ?? kept ?? Tolerance.standard(for: metric).width(around: value))
                }
            })
    }
}

extension Lock {
    /// The tolerance of a measure, or of another one of its metric; `nil` if it is the standard one, or none.
    private func ownTolerance(of metric: String, need: String, stage: String) -> Double? {
        let ofMetric = measures.filter { $0.metric == metric }
        let measure = ofMetric.first { $0.need == need && $0.stage == stage } ?? ofMetric.first
        guard let measure, measure.tolerance != Tolerance.standard(for: metric).width(around: measure.expected)
        else { return nil }
        return measure.tolerance
    }
}

extension StageResult {
    var network: Lock.Network? {
        guard let parameters = result.value(at: "network.totalParameters")?.whole,
            let memory = result.value(at: "network.memoryBytes")?.whole
        else { return nil }
        return Lock.Network(stage: id, totalParameters: parameters, memoryBytes: memory)
    }

    /// Each finite figure of an `evaluate` stage, rows in their order, metrics by name.
    package var figures: [(need: String, metric: String, value: Double)] {
        (result["rows"]?.elements ?? []).flatMap { row in
            (row["metrics"]?.members ?? [:]).sorted { $0.key < $1.key }.compactMap { metric, measure in
                guard let need = row["need"]?.text, let value = measure["value"]?.double else { return nil }
                return (need, metric, value)
            }
        }
    }
}
